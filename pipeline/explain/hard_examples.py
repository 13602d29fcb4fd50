"""The errors that teach most: confident and wrong ones, and labels that look wrong themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels
from pipeline.target.kinds import Binary, Predicted, Target, Three

SHOWN = 100


def worst_errors(labels: Labels, predicted: Predicted, target: Target) -> npt.NDArray[np.intp]:
    """The rows that are wrong by most, at most ``SHOWN``, the worst first."""
    error = target.errors(labels, predicted)
    order = np.argsort(-error, kind="stable")[:SHOWN]
    return np.asarray(order[error[order] > 0], np.intp)


def doubtful_labels(
    labels: Labels, predicted: dict[str, Predicted], target: Target
) -> npt.NDArray[np.bool_]:
    """Which labels all models contradict with confidence, shape (examples,).

    Confident learning (Northcutt, Jiang and Chuang, "Confident Learning", 2021): a model is
    confident of a class where it gives it at least the probability that it gives in the mean to
    examples that are labelled with it. Here each model has to be confident of the same other
    class. Ratings, which have no classes, are never doubted.
    """
    if not isinstance(target, Binary | Three):
        return np.zeros(len(labels), bool)
    truth = labels.astype(np.intp)
    found = [_confident(truth, target.of_each_class(one)) for one in predicted.values()]
    same = np.all([one == found[0] for one in found], axis=0)
    return np.asarray(same & (found[0] >= 0) & (found[0] != truth))


def _confident(truth: npt.NDArray[np.intp], probabilities: Predicted) -> npt.NDArray[np.intp]:
    """The class that a model is confident of, -1 where it is of none, shape (examples,)."""
    mean = [
        probabilities[truth == one, one].mean() if (truth == one).any() else 1.0
        for one in range(probabilities.shape[1])
    ]
    above = np.where(probabilities >= mean, probabilities, -1.0)
    return np.where(above.max(axis=1) >= 0, above.argmax(axis=1), -1)
