"""Naive Bayes over n-gram features, for few examples.

A generative model needs fewer examples than a regression to approach its best accuracy (Ng and
Jordan, "On Discriminative vs. Generative Classifiers", 2002). Like the regression it is linear in
the features, so a weighted sum of both is again a regression. This is complement naive Bayes: it
counts the complement of each class, which suits rare classes (Rennie et al., "Tackling the Poor
Assumptions of Naive Bayes Text Classifiers", 2003).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers, Labels
from pipeline.model.ngram_fitting import held_out_logits
from pipeline.target.base import Target

if TYPE_CHECKING:
    import scipy.sparse as sp

SMOOTHING = 0.02
"""Added to each feature's sum; in three industries 0.01 and 0.03 are as good, 0.1 is worse."""


class Bayes(NamedTuple):
    """A naive Bayes model, scaled to the logits of a regression.

    Attributes:
        coefficients: float32, shape (features,) or, with several outputs, (features, outputs).
        logits: Logit of each example by a model that was not trained on it, shape (examples,) or
            (examples, outputs).
    """

    coefficients: npt.NDArray[np.float32]
    logits: Floats


def cross_fit(
    features: sp.csr_matrix,
    labels: Labels,
    importance: Floats,
    folds: Integers,
    target: Target,
    spread: float,
) -> Bayes:
    """Fit to all texts, and for each fold to the other folds to get the fold's held-out logits.

    Args:
        features: Features of the examples, followed by those of further texts; shape
            (texts, features).
        labels: Class of each text.
        importance: Weight of each text.
        folds: Number of each example's fold; further texts are in no fold and always trained on.
        target: A target of two or three classes.
        spread: Standard deviation that the logits of the examples are scaled to.
    """
    count = len(folds)
    further = np.arange(count, len(labels))

    def fit_to(rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.float64], float]:
        rows = np.append(rows, further)
        return _fit(features[rows], labels[rows], importance[rows], target), 0.0

    logits = held_out_logits(features, folds, target.link.outputs, fit_to)
    scale = spread / max(float(logits.std()), 1e-9)
    whole, _ = fit_to(np.arange(count))
    return Bayes((whole * scale).astype(np.float32), logits * scale)


def _fit(
    features: sp.csr_matrix, labels: Labels, importance: Floats, target: Target
) -> npt.NDArray[np.float64]:
    """Coefficients of the features, shape (features,) or (features, outputs)."""
    from sklearn.naive_bayes import ComplementNB

    classes = [target.group(label) for label in labels]
    model = ComplementNB(alpha=SMOOTHING)
    model.partial_fit(features, classes, range(len(target.names)), importance)
    of_classes = np.asarray(model.feature_log_prob_, np.float64)
    return of_classes[1] - of_classes[0] if target.link.outputs == 1 else of_classes.T
