"""The regressions over n-grams: the baseline and the wide branch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from flows.stage import Output, stage
from pipeline.arrays import Labels
from pipeline.model.ngrams import FILES, MOST_TEXTS, NGRAMS_VERSION, NgramRegression
from pipeline.prepare.examples import TARGET, read_examples, tokens_of
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import read_target

EXAMPLES = "examples.parquet"
ON_TRAINING = "training.npz"
"""Weights of the regression that has not seen the validation split."""
SHARE = 0.9
"""Of ``MOST_TEXTS`` for the training split, the rest for validation."""


@stage("baseline", version=NGRAMS_VERSION)
def fit_baseline(folder: Path, labelled: Manifest, class_weights: str | None) -> Output:
    """Fit the regression over characters to all examples but those of the test split.

    The network sees as many, part of them to know when to stop.
    """
    splits = "train", "validation"
    texts, labels = read_examples(labelled.path(EXAMPLES), *splits, most=MOST_TEXTS)
    regression = NgramRegression.fit(
        texts, labels, read_target(labelled.path(TARGET)), class_weights
    )
    regression.save(folder)
    return Output(list(FILES), len(regression), {"examples": len(texts)})


@stage("ngrams", version=NGRAMS_VERSION)
def fit_ngrams(
    folder: Path, labelled: Manifest, tokens: Manifest, class_weights: str | None
) -> Output:
    """Fit the regression over characters and tokens, first to the training split alone.

    The first says how much the regression is worth beside the network; the second, which has seen
    the validation split too, becomes the wide branch.
    """
    of_training, of_validation = (
        read_documents(labelled, tokens, split, int(MOST_TEXTS * share))
        for split, share in (("train", SHARE), ("validation", 1 - SHARE))
    )
    on_training, on_all = NgramRegression.fit_growing(
        [len(of_training.texts), len(of_training.texts) + len(of_validation.texts)],
        of_training.texts + of_validation.texts,
        np.concatenate([of_training.labels, of_validation.labels]),
        read_target(labelled.path(TARGET)),
        class_weights,
        itertools.chain(of_training.tokens, of_validation.tokens),
    )
    on_all.save(folder)
    on_training.save_weights(folder / ON_TRAINING)
    return Output([*FILES, ON_TRAINING], len(on_all), {"examples": len(of_training.texts)})


class Documents(NamedTuple):
    """Some examples: cleaned texts, their tokens, their labels."""

    texts: list[str]
    tokens: Iterator[list[str]]
    labels: Labels


def read_documents(
    labelled: Manifest, tokens: Manifest, split: str, most: int | None = None
) -> Documents:
    """The examples of a split, or as many of them as are wanted at most."""
    examples = labelled.path(EXAMPLES)
    texts, labels = read_examples(examples, split, most=most)
    cut = tokens_of(examples, tokens.path("tokens.parquet"), split, most=most)
    return Documents(texts, cut, labels)
