"""Cross-validation: each fold is predicted by models trained without it, like the final model.

The n-grams, their starter, the stacking weights, the decision rule and the baseline of a fold
are fitted to all other folds. Training the LSTM takes most of the time, so only two are trained:
the folds are divided into two halves, and the LSTM for a fold is trained on the other half. The
LSTM of the final model is trained on more reviews, so the figures are too low rather than too high.
No review is predicted by a model that its label had any influence on.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Floats, Labels
from pipeline.helper_process import HelperProcess
from pipeline.model import calibration
from pipeline.model.inference import probabilities
from pipeline.prepare.sequences import load_split
from pipeline.settings import Settings
from pipeline.stages.baseline import fit_baseline
from pipeline.stages.documents import read_documents
from pipeline.stages.fold_splits import hold_out, is_of_fold
from pipeline.stages.ngrams import fit_ngrams
from pipeline.stages.prepare import Prepared, build_vocabulary, encode
from pipeline.stages.pretrain import pretrain
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.train import NetworkSettings, train_deep, train_network
from pipeline.stages.without_fold import Wide, WithoutFold, fit_without_fold, quiet
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
    """Predict each fold by models trained on other folds.

    While the networks are trained, a helper process fits the rest of each fold's model.
    """
    examples, count = prepared[0].examples, int(prepared[0].examples.details["folds"])
    tokens = [one.tokens for one in prepared]
    networks = [NetworkSettings.of(own) for own in settings.of_members]
    versions = [one.version for one in PARTS]
    halves = range(count // 2), range(count // 2, count)
    splits = [runner.run(hold_out, examples, list(half), settings.split) for half in halves]
    answered = []
    with HelperProcess(settings.runner.workers) as helper:
        started = _start_fits(helper, runner.workspace, splits, halves, tokens, networks, versions)
        for split, half in zip(splits, halves, strict=True):
            deep = [
                runner.run(train_without_half, split, own, network, network.carried, versions)
                for own, network in zip(tokens, networks, strict=True)
            ]
            for fold in half:
                inputs = split, fold, tokens, deep, networks, versions
                answered.append(runner.run(answer_fold, *inputs, fit=started[fold]))
                logger.info("predicted fold %d of %d", fold + 1, count)
    return tuple(answered)


def _start_fits(
    helper: HelperProcess,
    workspace: Workspace,
    splits: Sequence[Manifest],
    halves: Sequence[range],
    tokens: Sequence[Manifest],
    networks: Sequence[NetworkSettings],
    versions: Sequence[int],
) -> dict[int, Callable[[], WithoutFold]]:
    """Begin the fits of the folds of each half whose networks are not trained yet."""
    started = {}
    for split, half in zip(splits, halves, strict=True):
        is_trained = all(
            train_without_half.finished(workspace, split, own, network, network.carried, versions)
            for own, network in zip(tokens, networks, strict=True)
        )
        for fold in half:
            fit = partial(fit_without_fold, split, fold, tokens, networks)
            started[fold] = fit if is_trained else helper.start(fit)
    return started


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
    with quiet():
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
    *,
    fit: Callable[[], WithoutFold],
) -> Output:
    """Join the networks with wide branches fitted without a fold, and predict the fold.

    Args:
        folder: Where the predictions are written.
        half: The examples with half of the folds as test split.
        fold: The fold, which belongs to this half.
        tokens: Tokens of the examples, for each network.
        deep: Logits of each network, trained without this half.
        networks: The settings of each network.
        versions: Versions of ``PARTS``, which are part of the stage's key.
        fit: Gives the result of :func:`fit_without_fold` for the same inputs.
    """
    settings, target = networks[0].train, read_target(half.path(names.TARGET))
    labels, fitted = read_documents(half, None, "validation").labels, fit()
    networks_of_fold = [_Deep.read(one, half, fold) for one in deep]
    if fitted.wide:
        with quiet():
            answered = [
                _join(one, wide, target, settings.class_weights)
                for one, wide in zip(networks_of_fold, fitted.wide, strict=True)
            ]
    else:
        probabilities_of = target.link.probabilities
        answered = [
            _Answered(labels, probabilities_of(one.validation), probabilities_of(one.fold))
            for one in networks_of_fold
        ]
    held_out = np.mean([one.held_out for one in answered], axis=0)
    rules = {
        "network": thresholds.choose(target, answered[0].labels, held_out, settings.threshold),
        "baseline": fitted.baseline_rule,
    }
    with atomic_path(folder / names.FOLD) as temporary:
        np.savez(
            temporary,
            network=np.mean([one.predicted for one in answered], axis=0),
            baseline=fitted.baseline,
            unknown_shares=networks_of_fold[0].unknown_shares,
        )
    saved = {name: one.model_dump(mode="json") for name, one in rules.items()}
    write_json(folder / names.RULES, saved)
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


def _join(deep: _Deep, wide: Wide, target: Target, class_weights: str | None) -> _Answered:
    """Join a network with its wide branch."""
    link, size = target.link, len(deep.validation)
    of_validation = wide.held_out[-size:], wide.labels[-size:]
    weights = stacking.weigh(
        deep.validation, *of_validation, target, class_weights, prior=deep.prior
    )
    joined = stacking.as_joined(wide.held_out, weights.logits(deep.validation, of_validation[0]))
    predicted = link.probabilities(weights.logits(deep.fold, wide.fold))
    return _Answered(wide.labels, link.probabilities(joined), predicted)
