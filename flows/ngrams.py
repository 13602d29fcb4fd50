"""The regressions over n-grams: the baseline and the wide branch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.stage import Output, stage
from pipeline.examples import TARGET, read_examples, tokens_of
from pipeline.ngrams import FILES, MOST_TEXTS, VERSION, NgramRegression
from pipeline.target import read_target
from pipeline.workspace import Manifest


@stage("baseline", version=VERSION)
def fit_baseline(folder: Path, labelled: Manifest, class_weights: str | None) -> Output:
    """Fit the regression over characters to all examples but those of the test split.

    The network sees as many, part of them to know when to stop.
    """
    return _fit(folder, labelled, None, class_weights, "train", "validation")


@stage("ngrams", version=VERSION)
def fit_on_training(
    folder: Path, labelled: Manifest, tokens: Manifest, class_weights: str | None
) -> Output:
    """Fit the regression over characters and tokens to the training split alone."""
    return _fit(folder, labelled, tokens, class_weights, "train")


@stage("wide", version=VERSION)
def fit_on_all(
    folder: Path, labelled: Manifest, tokens: Manifest, class_weights: str | None
) -> Output:
    """Fit it to the validation split too; this one becomes the wide branch."""
    return _fit(folder, labelled, tokens, class_weights, "train", "validation")


def read_documents(
    labelled: Manifest, tokens: Manifest, split: str
) -> tuple[list[str], Iterator[list[str]]]:
    """Cleaned texts and tokens of a split."""
    examples = labelled.path("examples.parquet")
    texts, _ = read_examples(examples, split)
    return texts, tokens_of(examples, tokens.path("tokens.parquet"), split)


def _fit(
    folder: Path,
    labelled: Manifest,
    tokens: Manifest | None,
    class_weights: str | None,
    *splits: str,
) -> Output:
    examples = labelled.path("examples.parquet")
    texts, labels = read_examples(examples, *splits, most=MOST_TEXTS)
    of_tokens = None
    if tokens:
        of_tokens = tokens_of(examples, tokens.path("tokens.parquet"), *splits, most=MOST_TEXTS)
    regression = NgramRegression.fit(
        texts, labels, read_target(labelled.path(TARGET)), class_weights, of_tokens
    )
    regression.save(folder)
    return Output(list(FILES), len(regression), {"examples": len(texts)})
