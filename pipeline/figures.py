"""Figures of predictions whose truth is known, and what pictures are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

CURVE_POINTS = 200

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Rankings = list[tuple[npt.NDArray[np.bool_], Floats]]
"""Of each class, which examples are of it, and how probable that is of each."""


def of_two_classes(truth: Integers, predicted: Integers, probability: Floats) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of positive, and ROC AUC.

    A precision or recall without any example to count is 0; without both classes the ROC AUC is
    not a number.

    Args:
        truth: 1 for positive, else 0, shape (examples,).
        predicted: The same of the prediction.
        probability: Of positive.
    """
    precision, recall, f1 = _of_each_class(truth, predicted, 2)
    return {
        "accuracy": _accuracy(truth, predicted),
        "precision": precision[1],
        "recall": recall[1],
        "f1": f1[1],
        "roc_auc": _roc_auc(truth == 1, probability),
    }


def of_classes(truth: Integers, predicted: Integers, probabilities: Floats) -> dict[str, float]:
    """Accuracy, and the mean over the classes of precision, recall, F1 and ROC AUC.

    The ROC AUC of a class is that of telling it from all the others.

    Args:
        truth: Number of the class, shape (examples,).
        predicted: The same of the prediction.
        probabilities: Of each class, shape (examples, classes).
    """
    classes = probabilities.shape[1]
    precision, recall, f1 = _of_each_class(truth, predicted, classes)
    aucs = [_roc_auc(truth == one, probabilities[:, one]) for one in range(classes)]
    return {
        "accuracy": _accuracy(truth, predicted),
        "macro_precision": float(np.mean(precision)),
        "macro_recall": float(np.mean(recall)),
        "macro_f1": float(np.mean(f1)),
        "macro_roc_auc": float(np.mean(aucs)),
    }


def of_ratings(truth: Floats, predicted: Floats) -> dict[str, float]:
    """Mean absolute error, root mean squared error, R² and Spearman's rank correlation.

    Without two different ratings the last two are not a number; predictions that are all the same
    have no rank correlation either.

    Args:
        truth: Ratings, shape (examples,).
        predicted: The same of the prediction.
    """
    from scipy.stats import rankdata

    error = predicted - truth
    spread = float(np.sum((truth - truth.mean()) ** 2))
    is_ranked = bool(spread) and np.ptp(predicted) > 0
    return {
        "mean_absolute_error": float(np.mean(np.abs(error))),
        "root_mean_squared_error": float(np.sqrt(np.mean(error**2))),
        "r2": 1 - float(np.sum(error**2)) / spread if spread else float("nan"),
        "spearman": float(np.corrcoef(rankdata(truth), rankdata(predicted))[0, 1])
        if is_ranked
        else float("nan"),
    }


def confusion(truth: Integers, predicted: Integers, classes: int) -> list[list[int]]:
    """Counts by true class (rows) and predicted class (columns)."""
    cells = np.bincount(classes * truth + predicted, minlength=classes**2)
    return [[int(count) for count in row] for row in cells.reshape(classes, classes)]


def roc(rankings: Rankings) -> dict[str, list[float]]:
    """The mean of the ROC curves of some classes."""
    from sklearn.metrics import roc_curve

    at = np.linspace(0, 1, CURVE_POINTS)
    curves = []
    for is_positive, probability in rankings:
        false_positive, true_positive, _ = roc_curve(is_positive, probability)
        curves.append(np.interp(at, false_positive, true_positive))
    return {
        "false_positive_rate": at.tolist(),
        "true_positive_rate": np.mean(curves, axis=0).tolist(),
    }


def by_rating(truth: Floats, predicted: Floats) -> list[dict[str, Any]]:
    """Mean prediction for each whole rating that occurs, and how many examples have it."""
    whole = np.rint(truth)
    return [
        {
            "rating": float(rating),
            "mean": float(predicted[whole == rating].mean()),
            "examples": int(np.sum(whole == rating)),
        }
        for rating in np.unique(whole)
    ]


def _accuracy(truth: Integers, predicted: Integers) -> float:
    return _ratio(int(np.sum(truth == predicted)), len(truth))


def _of_each_class(
    truth: Integers, predicted: Integers, classes: int
) -> tuple[list[float], list[float], list[float]]:
    """Precision, recall and F1 of each class."""
    cells = np.array(confusion(truth, predicted, classes))
    right, taken, there = cells.diagonal(), cells.sum(axis=0), cells.sum(axis=1)
    precision = [_ratio(int(a), int(b)) for a, b in zip(right, taken, strict=True)]
    recall = [_ratio(int(a), int(b)) for a, b in zip(right, there, strict=True)]
    f1 = [_ratio(2 * p * r, p + r) for p, r in zip(precision, recall, strict=True)]
    return precision, recall, f1


def _roc_auc(is_positive: npt.NDArray[np.bool_], probability: Floats) -> float:
    """The share of pairs of a positive and a negative example that are ranked rightly."""
    from scipy.stats import rankdata

    positives = int(is_positive.sum())
    pairs = positives * (len(is_positive) - positives)
    if not pairs:
        return float("nan")
    ranks = rankdata(probability)[is_positive].sum()
    return float((ranks - positives * (positives + 1) / 2) / pairs)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
