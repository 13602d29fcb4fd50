"""Fits regressions over n-grams, and computes their logits of held-out examples."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats, Integers, Labels
from pipeline.model.ngrams import MOST_TEXTS, Neutral, NgramRegression
from pipeline.prepare.folds import FEW, fold_numbers
from pipeline.stages.documents import NO_DOCUMENTS, Documents
from pipeline.target.base import Target

TRAINING_SHARE = 0.9
"""Share of ``MOST_TEXTS`` for the training split; the rest is for the validation split."""


class Fitted(NamedTuple):
    """Regressions fitted to the training and validation splits.

    Attributes:
        regressions: One for each of the class weights.
        logits: For each of the class weights, logits of the held-out examples, by regressions that
            were not trained on them.
        texts: The held-out examples; those of the validation split come last.
        labels: Their labels.
        examples: Number of examples that the regressions were fitted to.
        folds: Fold of each held-out example; None if the validation split is held out.
    """

    regressions: list[NgramRegression]
    logits: list[Floats]
    texts: list[str]
    labels: Labels
    examples: int
    folds: Integers | None = None


def fit_regressions(
    read: Callable[..., Documents],
    target: Target,
    class_weights: Sequence[str | None],
    neutral: Documents = NO_DOCUMENTS,
    unlabeled: Documents = NO_DOCUMENTS,
) -> Fitted:
    """Fit regressions, and compute their logits of held-out examples.

    With fewer than ``FEW`` examples, each is held out once, by cross-validation. Otherwise the
    validation split is held out, by regressions fitted to the training split.

    Args:
        read: Reads the examples of the given splits, up to a maximum number.
        target: The prediction target.
        class_weights: Class weights of each regression.
        neutral: Neutral reviews, used as complaints of lower weight if there are few examples;
            their labels say how positive they are.
        unlabeled: Reviews whose n-grams are counted too if there are few examples.
    """
    training, validation = (
        read(split, most=int(MOST_TEXTS * share))
        for split, share in (("train", TRAINING_SHARE), ("validation", 1 - TRAINING_SHARE))
    )
    texts = training.texts + validation.texts
    labels = np.concatenate([training.labels, validation.labels])
    tokens = None
    if training.tokens is not None and validation.tokens is not None:
        tokens = itertools.chain(training.tokens, validation.tokens)
    if len(texts) < FEW:
        folds = fold_numbers(texts, [target.group(label) for label in labels])
        if tokens is not None:
            tokens = itertools.chain(tokens, neutral.tokens or (), unlabeled.tokens or ())
        fitted = NgramRegression.cross_fit(
            folds, texts, labels, target, class_weights, tokens,
            Neutral(neutral.texts, neutral.labels), unlabeled.texts,
            with_jamo=tokens is not None,
        )  # fmt: skip
        regressions, logits = ([*found] for found in zip(*fitted, strict=True))
        return Fitted(regressions, logits, texts, labels, len(texts), folds)
    counts = len(training.texts), len(texts)
    fits = [(count, one) for one in class_weights for count in counts]
    several = NgramRegression.fit_several(fits, texts, labels, target, tokens)
    held_out = read("validation")
    features = several[0].features(held_out.texts, held_out.tokens)
    logits = [one.logits(features) for one in several[::2]]
    return Fitted(several[1::2], logits, held_out.texts, held_out.labels, len(texts))
