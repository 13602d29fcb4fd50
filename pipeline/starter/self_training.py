"""Self-training: regressions that learn from the starter's predictions for other texts.

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
"""Maximum number of texts to train on; of more texts, the first ones are used."""
C = 1.0
"""Inverse regularization strength; the best of 0.3, 1 and 4 on data of three industries."""


class SelfTrained(NamedTuple):
    """Regressions on the starter's predictions, scaled to its logits.

    Attributes:
        logits: Logit of each text by a regression that was not trained on it, shape (texts,).
        weights: Mean weights of the regressions, shape (features,).
        intercept: Their mean intercept.
    """

    logits: Floats
    weights: Floats
    intercept: float


def self_train(features: sp.csr_matrix, own: Floats, folds: Integers) -> SelfTrained:
    """Fit regressions to the starter's probabilities of texts.

    They learn words that often occur together with words that the starter knows.

    Args:
        features: Features of the texts' n-grams, shape (texts, features).
        own: The starter's logits, shape (texts,).
        folds: Number of each text's fold; each regression is trained on all folds but one.
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
