"""The regression over character n-grams, which is both the baseline and the wide branch."""

from __future__ import annotations

from pathlib import Path

from flows.stage import Output, stage
from pipeline.examples import TARGET, read_examples
from pipeline.ngrams import FILES, MOST_TEXTS, VERSION, NgramRegression
from pipeline.target import read_target
from pipeline.workspace import Manifest


@stage("ngrams", version=VERSION)
def fit_on_training(folder: Path, labelled: Manifest, class_weights: str | None) -> Output:
    """Fit the regression to the training split alone."""
    return _fit(folder, labelled, class_weights, "train")


@stage("baseline", version=VERSION)
def fit_baseline(folder: Path, labelled: Manifest, class_weights: str | None) -> Output:
    """Fit the regression to all examples but those of the test split.

    The network sees as many, part of them to know when to stop.
    """
    return _fit(folder, labelled, class_weights, "train", "validation")


def _fit(folder: Path, labelled: Manifest, class_weights: str | None, *splits: str) -> Output:
    texts, labels = read_examples(labelled.path("examples.parquet"), *splits, most=MOST_TEXTS)
    regression = NgramRegression.fit(
        texts, labels, read_target(labelled.path(TARGET)), class_weights
    )
    regression.save(folder)
    return Output(list(FILES), len(regression), {"examples": len(texts)})
