"""The regressions over n-grams: the baseline and the wide branch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Labels
from pipeline.model import ngrams
from pipeline.model.ngrams import MOST_TEXTS, NgramRegression
from pipeline.prepare.examples import read_examples, tokens_of
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import read_target

TRAINING_SHARE = 0.9
"""Of ``MOST_TEXTS`` for the training split, the rest for validation."""


@stage("baseline", version=ngrams.NGRAMS_VERSION)
def fit_baseline(folder: Path, examples: Manifest, class_weights: str | None) -> Output:
    """Fit the regression over characters to the training and validation splits.

    The network sees the same examples: its validation split decides when to stop.
    """
    splits = "train", "validation"
    texts, labels = read_examples(examples.path(names.EXAMPLES), *splits, most=MOST_TEXTS)
    regression = NgramRegression.fit(
        texts, labels, read_target(examples.path(names.TARGET)), class_weights
    )
    regression.save(folder)
    return Output(list(names.NGRAMS), len(regression), {"examples": len(texts)})


@stage("ngrams", version=ngrams.NGRAMS_VERSION)
def fit_ngrams(
    folder: Path, examples: Manifest, tokens: Manifest, class_weights: str | None
) -> Output:
    """Fit the regression over characters and tokens, first to the training split alone.

    The first fit shows, on the validation split, how much the regression adds to the network; the
    second, fitted to both splits, becomes the wide branch.
    """
    training, validation = (
        read_documents(examples, tokens, split, int(MOST_TEXTS * share))
        for split, share in (("train", TRAINING_SHARE), ("validation", 1 - TRAINING_SHARE))
    )
    on_training, on_all = NgramRegression.fit_growing(
        [len(training.texts), len(training.texts) + len(validation.texts)],
        training.texts + validation.texts,
        np.concatenate([training.labels, validation.labels]),
        read_target(examples.path(names.TARGET)),
        class_weights,
        itertools.chain(training.tokens, validation.tokens),
    )
    on_all.save(folder)
    on_training.save_weights(folder / names.TRAINING_WEIGHTS)
    files = [*names.NGRAMS, names.TRAINING_WEIGHTS]
    return Output(files, len(on_all), {"examples": len(training.texts)})


class Documents(NamedTuple):
    """Some examples: cleaned texts, their tokens, their labels."""

    texts: list[str]
    tokens: Iterator[list[str]]
    labels: Labels


def read_documents(
    examples: Manifest, tokens: Manifest, split: str, most: int | None = None
) -> Documents:
    """The examples of a split, at most ``most`` of them."""
    path = examples.path(names.EXAMPLES)
    texts, labels = read_examples(path, split, most=most)
    return Documents(texts, tokens_of(path, tokens.path(names.TOKENS), split, most=most), labels)
