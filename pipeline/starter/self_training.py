"""Self-training: what the starter's answers teach about the words of other texts.

Scudder, "Probability of error of some adaptive pattern-recognition machines", 1965.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.arrays import Floats, Integers
from pipeline.starter import soft_regression
from pipeline.target.binary import BINARY

if TYPE_CHECKING:
    import scipy.sparse as sp

MOST_TEXTS = 20_000
"""Texts that are learnt from, the first ones of more."""
C = 1.0
"""Inverse regularization strength; the best of 0.3, 1 and 4 on three trades."""


class SelfTrained(NamedTuple):
    """Regressions on the starter's answers, in the scale of its logits.

    Attributes:
        logits: Of the texts, each by a regression that has not learnt from it, shape (texts,).
        weights: Mean weights of the regressions, shape (features,).
        intercept: Their mean intercept.
    """

    logits: Floats
    weights: Floats
    intercept: float


def self_train(features: sp.csr_matrix, own: Floats, folds: Integers) -> SelfTrained:
    """Fit regressions to the starter's probabilities of texts.

    They learn the words that occur with those that the starter knows.

    Args:
        features: Of the texts' n-grams, shape (texts, features).
        own: The starter's logits, shape (texts,).
        folds: Number of each text's fold; a regression learns from all folds but one.
    """
    shares = BINARY.link.probabilities(own)
    learnt, parts = np.zeros(len(own)), []
    is_learnt = np.arange(len(own)) < MOST_TEXTS
    for fold in np.unique(folds):
        rest, held = (folds != fold) & is_learnt, folds == fold
        weights, intercept = soft_regression.fit(features[rest], shares[rest], C)
        learnt[held] = features[held] @ weights + intercept
        parts.append(np.append(weights, intercept))
    scale = own.std() / max(learnt.std(), 1e-9)
    mean = np.mean(parts, axis=0) * scale
    return SelfTrained(learnt * scale, mean[:-1], float(mean[-1]))
