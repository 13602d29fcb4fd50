"""Fits what a cross-validation fits without a fold, except for the LSTM."""

from __future__ import annotations

import contextlib
import logging
import shutil
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.model.ngrams import NgramRegression
from pipeline.stages.baseline import fit_baseline
from pipeline.stages.documents import read_documents
from pipeline.stages.fold_splits import hold_out_one
from pipeline.stages.ngrams import fit_ngrams
from pipeline.stages.predictions import predict_test_with_baseline
from pipeline.stages.runner import Runner
from pipeline.stages.train import NetworkSettings
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.base import Predicted, Target
from pipeline.target.kinds import read_target


class Wide(NamedTuple):
    """Logits of the wide branch of a network.

    Attributes:
        labels: Labels of the held-out examples; those of the validation split come last.
        held_out: Logits of the held-out examples, by regressions that were not trained on them.
        fold: Logits of the fold's examples.
    """

    labels: Labels
    held_out: Floats
    fold: Floats


class WithoutFold(NamedTuple):
    """What was fitted to all examples but those of a fold.

    Attributes:
        wide: For each network, the logits of its wide branch; empty for the plain stack.
        baseline: Predictions of the baseline for the fold.
        baseline_rule: The baseline's decision rule.
    """

    wide: list[Wide]
    baseline: Predicted
    baseline_rule: Target


def fit_without_fold(
    half: Manifest, fold: int, tokens: Sequence[Manifest], networks: Sequence[NetworkSettings]
) -> WithoutFold:
    """Fit the wide branches and the baseline, and predict the fold.

    Args:
        half: The examples with half of the folds as test split.
        fold: The fold, which belongs to this half.
        tokens: Tokens of the examples, for each network.
        networks: The settings of each network.
    """
    work = half.folder / f"without-fold-{fold}"
    runner, settings = Runner(Workspace(work)), networks[0].train
    with quiet():
        own = runner.run(hold_out_one, half, fold)
        wide = [
            _fit_wide(runner, own, token, network)
            for token, network in zip(tokens, networks, strict=True)
            if network.is_wide
        ]
        baseline = runner.run(fit_baseline, own, settings.class_weights, settings.threshold)
        by_baseline = runner.run(predict_test_with_baseline, own, baseline)
    predicted = np.load(by_baseline.path(names.PREDICTIONS))
    rule = read_target(baseline.path(names.TARGET))
    shutil.rmtree(work)
    return WithoutFold(wide, predicted, rule)


def _fit_wide(
    runner: Runner, examples: Manifest, tokens: Manifest, settings: NetworkSettings
) -> Wide:
    """Fit a wide branch."""
    class_weights, starter = settings.train.class_weights, settings.pretrain.starter
    ngrams = runner.run(fit_ngrams, examples, tokens, class_weights, starter)
    regression = NgramRegression.load(ngrams.folder)
    documents = read_documents(examples, tokens, "test")
    logits = regression.logits(regression.features(documents.texts, documents.tokens))
    with np.load(ngrams.path(names.WIDE_HELD_OUT)) as held_out:
        return Wide(held_out["labels"], held_out["logits"], logits)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Log warnings only, because each fold would repeat the log messages of the final model."""
    parent = logging.getLogger("pipeline")
    level = parent.level
    parent.setLevel(logging.WARNING)
    try:
        yield
    finally:
        parent.setLevel(level)
