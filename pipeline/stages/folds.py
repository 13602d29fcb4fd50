"""Cross-validation: a model trained without a fold answers it, as the product trains and answers.

Each fold has a choice of epochs, stacking weights and a decision rule of its own, so no review is
answered by a model that saw its label in any way.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Floats, Labels
from pipeline.model.inference import probabilities
from pipeline.prepare.sequences import load_split
from pipeline.prepare.splits import assign_splits
from pipeline.reviews.review import SPLITS, UNLABELED
from pipeline.settings import Settings, SplitSettings
from pipeline.stages.ngrams import fit_baseline, fit_ngrams, read_documents
from pipeline.stages.predictions import predict_test_with_baseline
from pipeline.stages.prepare import Prepared, build_vocabulary, encode
from pipeline.stages.pretrain import pretrain
from pipeline.stages.runner import Runner
from pipeline.stages.stage import Output, stage
from pipeline.stages.train import NetworkSettings, fit_network, network_inputs, train_network
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_json, write_text
from pipeline.storage.manifest import Manifest, stage_key
from pipeline.storage.schemas import ROW_GROUP
from pipeline.storage.workspace import Workspace
from pipeline.target import thresholds
from pipeline.target.base import Predicted
from pipeline.target.kinds import read_target

logger = logging.getLogger(__name__)

WORK = "work"
"""Folder of what is trained for a fold; deleted when the fold is answered."""
PARTS = (build_vocabulary, encode, pretrain, fit_ngrams, train_network, fit_baseline)
"""The stages that a fold consists of; a new version of one makes a fold run again."""


def answer_folds(
    runner: Runner, prepared: Sequence[Prepared], settings: Settings
) -> tuple[Manifest, ...]:
    """Answer each fold by models trained on the others; none where there are no folds."""
    examples = prepared[0].examples
    tokens = [one.tokens for one in prepared]
    networks = [NetworkSettings.of(own) for own in settings.of_members]
    versions = [one.version for one in PARTS]
    return tuple(
        runner.run(answer_fold, number, examples, tokens, networks, settings.split, versions)
        for number in range(examples.details["folds"])
    )


@stage("fold", version=1)
def answer_fold(
    folder: Path,
    number: int,
    examples: Manifest,
    tokens: Sequence[Manifest],
    networks: Sequence[NetworkSettings],
    split: SplitSettings,
    versions: Sequence[int],
) -> Output:
    """Train network and baseline without a fold, and write their answers to it.

    Args:
        folder: Where the answers go; until they are there, also what was trained.
        number: Of the fold.
        examples: With all folds.
        tokens: Of the examples, for each network.
        networks: The settings of each network.
        split: Share and seed of the validation split.
        versions: Of ``PARTS``; they are a part of the stage's key.
    """
    runner = Runner(Workspace(folder / WORK))
    objective = networks[0].train.threshold
    with _quiet():
        own = runner.run(hold_out, examples, number, split)
        answered = [_answer(runner, own, *one) for one in zip(tokens, networks, strict=True)]
        baseline = runner.run(fit_baseline, own, networks[0].train.class_weights, objective)
        by_baseline = runner.run(predict_test_with_baseline, own, baseline)
    held_out = np.mean([one.held_out for one in answered], axis=0)
    target = read_target(own.path(names.TARGET))
    rules = {
        "network": thresholds.choose(target, answered[0].labels, held_out, objective),
        "baseline": read_target(baseline.path(names.TARGET)),
    }
    with atomic_path(folder / names.FOLD) as temporary:
        np.savez(
            temporary,
            network=np.mean([one.predicted for one in answered], axis=0),
            baseline=np.load(by_baseline.path(names.PREDICTIONS)),
            unknown_shares=answered[0].unknown_shares,
        )
    write_json(folder / names.RULES, {name: one.model_dump() for name, one in rules.items()})
    shutil.rmtree(folder / WORK)
    tested = len(answered[0].predicted)
    logger.info("fold %d of %d: %d reviews", number + 1, examples.details["folds"], tested)
    return Output([names.FOLD, names.RULES], tested, {})


@stage("held_out_fold", version=1)
def hold_out(folder: Path, examples: Manifest, number: int, split: SplitSettings) -> Output:
    """Write the examples with a fold as test split, in the same order.

    The validation split is chosen among the others, as where there are no folds.
    """
    table = pq.read_table(examples.path(names.EXAMPLES))
    target = read_target(examples.path(names.TARGET))
    labelled = table.filter(pc.is_valid(table["fold"]))
    classes = [target.group(label) for label in labelled["label"].to_pylist()]
    found = assign_splits(
        labelled["text"].to_pylist(),
        labelled["group"].to_pylist(),
        classes,
        target.names,
        pc.equal(labelled["fold"], number).to_pylist(),
        split,
    )
    splits = [*found.splits, *[UNLABELED] * (table.num_rows - labelled.num_rows)]
    place = table.column_names.index("split")
    with atomic_path(folder / names.EXAMPLES) as temporary:
        written = table.set_column(place, table.schema.field("split"), pa.array(splits))
        pq.write_table(written, temporary, row_group_size=ROW_GROUP)
    write_text(folder / names.TARGET, examples.path(names.TARGET).read_text(encoding="utf-8"))
    counts = Counter(zip(found.splits, classes, strict=True))
    details = {
        "splits": {
            name: {one: counts[name, at] for at, one in enumerate(target.names)} for name in SPLITS
        },
        "unlabeled": examples.details["unlabeled"],
    }
    return Output([names.EXAMPLES, names.TARGET], table.num_rows, details)


class _Answered(NamedTuple):
    """What one network answers.

    Attributes:
        labels: Of the examples that its decision rule is chosen on.
        held_out: Its probabilities of these.
        predicted: Its probabilities of the fold.
        unknown_shares: Share of tokens that it does not know in each text of the fold.
    """

    labels: Labels
    held_out: Predicted
    predicted: Predicted
    unknown_shares: Floats


def _answer(
    runner: Runner, examples: Manifest, tokens: Manifest, settings: NetworkSettings
) -> _Answered:
    """Train a network without the fold, and answer it."""
    vocabulary = runner.run(build_vocabulary, examples, tokens, settings.vocabulary)
    dataset = runner.run(encode, examples, tokens, vocabulary, settings.encode)
    prepared = Prepared(examples, tokens, vocabulary, dataset)
    inputs, texts = network_inputs(runner, prepared, settings)
    key = stage_key(train_network.version, inputs, settings.model, settings.train)
    fitted = fit_network(
        runner.workspace.folder(train_network.name, key),
        inputs,
        texts.target,
        settings.model,
        settings.train,
    )
    sequences, _ = load_split(dataset.path(names.DATASET), "test")
    features = None
    if fitted.regression:
        documents = read_documents(examples, tokens, "test")
        features = fitted.regression.features(documents.texts, documents.tokens)
    predicted = probabilities(fitted.model, sequences, features)
    return _Answered(fitted.labels, fitted.predicted, predicted, sequences.unknown_shares)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Log warnings only: a fold repeats what the log said of the model."""
    parent = logging.getLogger("pipeline")
    level = parent.level
    parent.setLevel(logging.WARNING)
    try:
        yield
    finally:
        parent.setLevel(level)
