"""Finds confident errors and labels that are probably wrong."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Bools, Labels
from pipeline.target.base import Predicted, Target, Targets
from pipeline.target.classes import Classes

MAX_ERRORS = 100


def worst_errors(
    labels: Labels, predicted: Predicted, target: Target, doubtful: Bools
) -> npt.NDArray[np.intp]:
    """Rows of the largest errors, largest first.

    Args:
        labels: Label of each example.
        predicted: Prediction of each example.
        target: The prediction target.
        doubtful: Result of :func:`doubtful_labels`.

    Returns:
        The ``MAX_ERRORS`` largest errors, and at most as many of the largest errors whose label is
        doubtful.
    """
    error = target.errors(labels, predicted)
    order = np.argsort(-error, kind="stable")
    order = order[error[order] > 0]
    is_doubtful = doubtful[order]
    kept = (np.arange(len(order)) < MAX_ERRORS) | (
        is_doubtful & (np.cumsum(is_doubtful) <= MAX_ERRORS)
    )
    return np.asarray(order[kept], np.intp)


def doubtful_labels(labels: Labels, predicted: dict[str, Predicted], targets: Targets) -> Bools:
    """Mask of labels that all models confidently contradict, shape (examples,).

    The models must not have learnt from these labels, or they would agree with most of them.

    After Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
    Labels" (2021): a model is confident of a class if it predicts at least the mean probability
    that it gives to examples labelled with that class. A label is doubtful if all models are
    confident of the same other class, and predict another class. Ratings are never doubtful.

    Args:
        labels: Label of each example.
        predicted: Predictions of each model, by its name.
        targets: The prediction target of each model, with its decision rule.
    """
    truth, doubtful, others = labels.astype(np.intp), np.ones(len(labels), bool), []
    for name, one in predicted.items():
        target = targets[name]
        if not isinstance(target, Classes):
            return np.zeros(len(labels), bool)
        others.append(_confident(truth, target.of_each_class(one)))
        doubtful &= (others[-1] >= 0) & (others[-1] != truth) & (others[-1] == others[0])
        doubtful &= target.errors(labels, one) > 0
    return doubtful


def _confident(truth: npt.NDArray[np.intp], probabilities: Predicted) -> npt.NDArray[np.intp]:
    """The class that a model is confident of, -1 for none, shape (examples,)."""
    mean = [
        probabilities[truth == one, one].mean() if (truth == one).any() else 1.0
        for one in range(probabilities.shape[1])
    ]
    above = np.where(probabilities >= mean, probabilities, -1.0)
    return np.where(above.max(axis=1) >= 0, above.argmax(axis=1), -1)
