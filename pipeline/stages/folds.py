"""Cross-validation: each fold is predicted by models trained without it, like the final model.

The n-grams, their starter, the stacking weights, the decision rule and the baseline of a fold
are fitted to all other folds. Training the LSTM takes most of the time, so only two are trained:
the folds are divided into two halves, and the LSTM for a fold is trained on the other half. The
LSTM of the final model is trained on more reviews, so the figures are too low rather than too high.
No review is predicted by a model that its label had any influence on.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Floats, Labels
from pipeline.model import calibration
from pipeline.model.inference import probabilities
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.sequences import load_split
from pipeline.settings import Settings
from pipeline.stages.baseline import fit_baseline
from pipeline.stages.documents import read_documents
from pipeline.stages.fold_splits import hold_out, hold_out_one, is_of_fold
from pipeline.stages.ngrams import fit_ngrams
from pipeline.stages.predictions import predict_test_with_baseline
from pipeline.stages.prepare import Prepared, build_vocabulary, encode
from pipeline.stages.pretrain import pretrain
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.train import NetworkSettings, train_deep, train_network
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_json
from pipeline.storage.manifest import InputFile, Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target import thresholds
from pipeline.target.base import Predicted, Target
from pipeline.target.kinds import read_target
from pipeline.train import stacking
from pipeline.train.stacking import Prior

logger = logging.getLogger(__name__)

WORK = "work"
"""Folder of intermediate models; deleted when its stage is done."""
PARTS = (build_vocabulary, encode, pretrain, fit_ngrams, train_network, fit_baseline)
"""The stages whose code a fold uses; a new version of one makes the folds run again."""


def answer_folds(
    runner: Runner, prepared: Sequence[Prepared], settings: Settings
) -> tuple[Manifest, ...]:
    """Predict each fold by models trained on other folds."""
    examples, count = prepared[0].examples, int(prepared[0].examples.details["folds"])
    tokens = [one.tokens for one in prepared]
    networks = [NetworkSettings.of(own) for own in settings.of_members]
    versions = [one.version for one in PARTS]
    answered = []
    for half in (range(count // 2), range(count // 2, count)):
        split = runner.run(hold_out, examples, list(half), settings.split)
        deep = [
            runner.run(train_without_half, split, own, network, network.carried, versions)
            for own, network in zip(tokens, networks, strict=True)
        ]
        for fold in half:
            inputs = split, fold, tokens, deep, networks, versions
            answered.append(runner.run(answer_fold, *inputs))
            logger.info("predicted fold %d of %d", fold + 1, count)
    return tuple(answered)


@stage("half_network", version=2)
def train_without_half(
    folder: Path,
    examples: Manifest,
    tokens: Manifest,
    settings: NetworkSettings,
    carried: InputFile | None,
    versions: Sequence[int],
) -> Output:
    """Train a network without its wide branch, and write its logits of held-out examples.

    Args:
        folder: Where the logits are written; until then, it also holds the trained files.
        examples: Examples with half of the folds as test split.
        tokens: Tokens of the examples.
        settings: Settings of the network.
        carried: File of pretrained layers.
        versions: Versions of ``PARTS``, which are part of the stage's key.
    """
    runner, target = Runner(Workspace(folder / WORK)), read_target(examples.path(names.TARGET))
    with _quiet():
        vocabulary = runner.run(build_vocabulary, examples, tokens, settings.vocabulary)
        dataset = runner.run(encode, examples, tokens, vocabulary, settings.encode)
        prepared = Prepared(examples, tokens, vocabulary, dataset)
        pretrained = runner.run(
            pretrain,
            vocabulary,
            dataset,
            settings.sizes,
            settings.pretrain,
            settings.tokenizer,
            carried,
        )
        built, details = train_deep(
            folder, prepared, pretrained, target, settings.model, settings.train
        )
    validation = load_split(dataset.path(names.DATASET), "validation")
    tested, _ = load_split(dataset.path(names.DATASET), "test")
    if not settings.is_wide:
        calibration.scale(built, *validation, target.link, settings.train.class_weights)
    with atomic_path(folder / names.DEEP) as temporary:
        np.savez(
            temporary,
            validation=target.link.logits(probabilities(built, validation[0])),
            test=target.link.logits(probabilities(built, tested)),
            unknown_shares=tested.unknown_shares,
        )
    shutil.rmtree(folder / WORK)
    (folder / names.CHECKPOINT).unlink()
    details = {"examples": details["examples"], "pretrained": bool(pretrained.files)}
    return Output([names.DEEP], len(tested), details)


@stage("fold", version=1)
def answer_fold(
    folder: Path,
    half: Manifest,
    fold: int,
    tokens: Sequence[Manifest],
    deep: Sequence[Manifest],
    networks: Sequence[NetworkSettings],
    versions: Sequence[int],
) -> Output:
    """Fit everything but the LSTM without a fold, and write the predictions for the fold.

    Args:
        folder: Where the predictions are written; until then, it also holds the fitted files.
        half: The examples with half of the folds as test split.
        fold: The fold, which belongs to this half.
        tokens: Tokens of the examples, for each network.
        deep: Logits of each network, trained without this half.
        networks: The settings of each network.
        versions: Versions of ``PARTS``, which are part of the stage's key.
    """
    runner, settings = Runner(Workspace(folder / WORK)), networks[0].train
    with _quiet():
        own = runner.run(hold_out_one, half, fold)
        target = read_target(own.path(names.TARGET))
        answered = [
            _answer(runner, own, _Deep.read(one, half, fold), token, network, target)
            for one, token, network in zip(deep, tokens, networks, strict=True)
        ]
        baseline = runner.run(fit_baseline, own, settings.class_weights, settings.threshold)
        by_baseline = runner.run(predict_test_with_baseline, own, baseline)
    held_out = np.mean([one.held_out for one in answered], axis=0)
    rules = {
        "network": thresholds.choose(target, answered[0].labels, held_out, settings.threshold),
        "baseline": read_target(baseline.path(names.TARGET)),
    }
    with atomic_path(folder / names.FOLD) as temporary:
        np.savez(
            temporary,
            network=np.mean([one.predicted for one in answered], axis=0),
            baseline=np.load(by_baseline.path(names.PREDICTIONS)),
            unknown_shares=_Deep.read(deep[0], half, fold).unknown_shares,
        )
    saved = {name: one.model_dump(mode="json") for name, one in rules.items()}
    write_json(folder / names.RULES, saved)
    shutil.rmtree(folder / WORK)
    return Output([names.FOLD, names.RULES], len(answered[0].predicted), {})


class _Deep(NamedTuple):
    """Logits of a network for its validation split and for a fold, and the fold's unknown tokens.

    ``prior`` is the prior of the stacking weights.
    """

    validation: Floats
    fold: Floats
    unknown_shares: Floats
    prior: Prior

    @classmethod
    def read(cls, deep: Manifest, half: Manifest, fold: int) -> _Deep:
        """Select the values of a fold from those of its half."""
        table = pq.read_table(half.path(names.EXAMPLES), columns=["split", "fold"])
        own = is_of_fold(table.filter(pc.equal(table["split"], "test")), fold)
        with np.load(deep.path(names.DEEP)) as arrays:
            found = arrays["validation"], arrays["test"][own], arrays["unknown_shares"][own]
        count, is_pretrained = deep.details["examples"], deep.details["pretrained"]
        return cls(*found, stacking.prior_for(count, is_pretrained=is_pretrained))


class _Answered(NamedTuple):
    """Predictions of one network.

    Attributes:
        labels: Labels of the held-out examples that its decision rule is chosen on.
        held_out: Its probabilities for these examples.
        predicted: Its probabilities for the fold.
    """

    labels: Labels
    held_out: Predicted
    predicted: Predicted


def _answer(
    runner: Runner,
    examples: Manifest,
    deep: _Deep,
    tokens: Manifest,
    settings: NetworkSettings,
    target: Target,
) -> _Answered:
    """Join a network with a wide branch that was fitted without the fold."""
    link, class_weights = target.link, settings.train.class_weights
    validation = read_documents(examples, None, "validation")
    if not settings.is_wide:
        known, predicted = map(link.probabilities, (deep.validation, deep.fold))
        return _Answered(validation.labels, known, predicted)
    starter = settings.pretrain.starter
    ngrams = runner.run(fit_ngrams, examples, tokens, class_weights, starter)
    regression, documents = (
        NgramRegression.load(ngrams.folder),
        read_documents(examples, tokens, "test"),
    )
    of_wide = regression.logits(regression.features(documents.texts, documents.tokens))
    with np.load(ngrams.path(names.WIDE_HELD_OUT)) as held_out:
        labels, wide = held_out["labels"], held_out["logits"]
    size = len(validation.labels)
    weights = stacking.weigh(
        deep.validation, wide[-size:], validation.labels, target, class_weights, prior=deep.prior
    )
    joined = stacking.as_joined(wide, weights.logits(deep.validation, wide[-size:]))
    predicted = link.probabilities(weights.logits(deep.fold, of_wide))
    return _Answered(labels, link.probabilities(joined), predicted)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Log warnings only, because each fold would repeat the log messages of the final model."""
    parent = logging.getLogger("pipeline")
    level = parent.level
    parent.setLevel(logging.WARNING)
    try:
        yield
    finally:
        parent.setLevel(level)
