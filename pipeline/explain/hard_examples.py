"""Finds confident errors and labels that are probably wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels
from pipeline.target.base import Predicted, Target
from pipeline.target.binary import Binary
from pipeline.target.three import Three

MAX_ERRORS = 100


def worst_errors(labels: Labels, predicted: Predicted, target: Target) -> npt.NDArray[np.intp]:
    """Rows of the ``MAX_ERRORS`` largest errors, largest first."""
    error = target.errors(labels, predicted)
    order = np.argsort(-error, kind="stable")[:MAX_ERRORS]
    return np.asarray(order[error[order] > 0], np.intp)


def doubtful_labels(
    labels: Labels, predicted: dict[str, Predicted], target: Target
) -> npt.NDArray[np.bool_]:
    """Mask of labels that all models confidently contradict, shape (examples,).

    After Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
    Labels" (2021): a model is confident of a class if it predicts at least the mean probability
    that it gives to examples labelled with that class. A label is doubtful if all models are
    confident of the same other class. Ratings are never doubtful.
    """
    if not isinstance(target, Binary | Three):
        return np.zeros(len(labels), bool)
    truth = labels.astype(np.intp)
    found = [_confident(truth, target.of_each_class(one)) for one in predicted.values()]
    agreed = np.all([one == found[0] for one in found], axis=0)
    return np.asarray(agreed & (found[0] >= 0) & (found[0] != truth))


def _confident(truth: npt.NDArray[np.intp], probabilities: Predicted) -> npt.NDArray[np.intp]:
    """The class that a model is confident of, -1 for none, shape (examples,)."""
    mean = [
        probabilities[truth == one, one].mean() if (truth == one).any() else 1.0
        for one in range(probabilities.shape[1])
    ]
    above = np.where(probabilities >= mean, probabilities, -1.0)
    return np.where(above.max(axis=1) >= 0, above.argmax(axis=1), -1)
