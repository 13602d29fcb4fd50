"""Metrics of predictions, and data for the report's charts.

A :data:`Scorer` sorts the predictions once; a bootstrap then only varies the sample weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers

CURVE_POINTS = 200
BINS = 15
"""Number of confidence bins of the calibration error, as in Guo et al. (2017)."""

Rankings = list[tuple[npt.NDArray[np.bool_], Floats]]
"""For each class: whether each example belongs to it, and its predicted probability."""
Scorer = Callable[[Floats], dict[str, float]]
"""Function from sample weights, shape (examples,), to metrics by name. An undefined metric, such as
the ROC AUC of a single class, is NaN."""
Measure = Callable[[Floats], float]
"""Function from sample weights, shape (examples,), to one metric."""


def of_classes(
    names: Sequence[str], truth: Integers, predicted: Integers, probabilities: Floats
) -> Scorer:
    """Make a scorer of classification metrics.

    Precision, recall and F1 are 0 where they are undefined, as with scikit-learn's
    ``zero_division=0``: a bootstrap sample without a rare class counts against the model, so that
    the interval's lower bound is not too high. With two classes, ROC AUC and average precision
    refer to the second; with more, they are one-vs-rest means over the classes. The expected
    calibration error (Guo et al., "On Calibration of Modern Neural Networks", 2017) is the mean gap
    between confidence and accuracy over bins of confidence.

    Args:
        names: Names of the classes.
        truth: True class of each example, shape (examples,).
        predicted: Predicted class of each example, shape (examples,).
        probabilities: Probability of each class, shape (examples, classes).

    Returns:
        A function from sample weights to metrics by name.
    """
    classes = len(names)
    rankings = [_ranking(truth == one, probabilities[:, one]) for one in _ranked(classes)]
    squared = np.sum((probabilities - np.eye(classes)[truth]) ** 2, axis=1)
    squared /= 2 if classes == 2 else 1
    confidence = probabilities.max(axis=1)
    overconfidence = confidence - (probabilities.argmax(axis=1) == truth)
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)

    def figures(weights: Floats) -> dict[str, float]:
        total = weights.sum()
        counts = _counts(truth, predicted, weights, classes)
        of_each = _of_each_class(counts)
        actual = counts.sum(axis=1)
        roc_auc, average_precision = np.mean([one(weights) for one in rankings], axis=0)
        gaps = np.bincount(bins, weights * overconfidence, BINS)
        return {
            "accuracy": float(counts.trace() / total),
            "balanced_accuracy": float(of_each["recall"][actual > 0].mean()),
            "macro_f1": float(of_each["f1"].mean()),
            "roc_auc": float(roc_auc),
            "average_precision": float(average_precision),
            "brier_score": float(weights @ squared / total),
            "expected_calibration_error": float(np.abs(gaps).sum() / total),
            **{
                f"{figure}_{name}": float(value)
                for figure, values in of_each.items()
                for name, value in zip(names, values, strict=True)
            },
        }

    return figures


def macro_f1(truth: Integers, predicted: Integers, classes: int) -> Measure:
    """Make a function from sample weights to the mean F1 of the classes; undefined F1 is 0."""

    def measure(weights: Floats) -> float:
        counts = _counts(truth, predicted, weights, classes)
        return float(_of_each_class(counts)["f1"].mean())

    return measure


def of_ratings(truth: Floats, predicted: Floats) -> Scorer:
    """Make a scorer of regression metrics: MAE, RMSE, R² and Spearman's rank correlation.

    R² and the rank correlation are NaN if all ratings are equal; the rank correlation is also NaN
    if all predictions are equal.

    Args:
        truth: True ratings, shape (examples,).
        predicted: Predicted ratings, shape (examples,).

    Returns:
        A function from sample weights to metrics by name.
    """
    error = predicted - truth
    true_order, predicted_order = (
        np.unique(one, return_inverse=True)[1] for one in (truth, predicted)
    )

    def figures(weights: Floats) -> dict[str, float]:
        total = weights.sum()
        mean_square = weights @ error**2 / total
        mean = weights @ truth / total
        spread = weights @ (truth - mean) ** 2 / total
        return {
            "mean_absolute_error": float(weights @ np.abs(error) / total),
            "root_mean_squared_error": float(np.sqrt(mean_square)),
            "r2": float(1 - mean_square / spread) if spread else float("nan"),
            "spearman": _correlation(
                _ranks(true_order, weights), _ranks(predicted_order, weights), weights
            ),
        }

    return figures


def confusion(truth: Integers, predicted: Integers, classes: int) -> list[list[int]]:
    """Confusion matrix: counts by true class (rows) and predicted class (columns)."""
    counts = _counts(truth, predicted, np.ones(len(truth)), classes)
    return [[int(count) for count in row] for row in counts]


def roc(rankings: Rankings) -> dict[str, list[float]]:
    """Average the ROC curves of several classes at ``CURVE_POINTS`` false positive rates.

    Skips classes that contain no or all examples; returns an empty dictionary if none is left.
    """
    from sklearn.metrics import roc_curve

    at = np.linspace(0, 1, CURVE_POINTS)
    curves = []
    for is_positive, probability in rankings:
        if 0 < is_positive.sum() < len(is_positive):
            false_positive, true_positive, _ = roc_curve(is_positive, probability)
            curves.append(np.interp(at, false_positive, true_positive))
    if not curves:
        return {}
    return {
        "false_positive_rate": at.tolist(),
        "true_positive_rate": np.mean(curves, axis=0).tolist(),
    }


def precision_recall(is_negative: npt.NDArray[np.bool_], score: Floats) -> dict[str, Any]:
    """Precision and recall of the complaints, from the most to the least confident prediction.

    Args:
        is_negative: Whether each example is a complaint, shape (examples,).
        score: Probability that each example is a complaint, shape (examples,).

    Returns:
        ``recall`` and ``precision`` at no more than ``CURVE_POINTS`` thresholds, and the ``share``
        of complaints, which is the precision of a random ranking; empty without both classes.
    """
    from sklearn.metrics import precision_recall_curve

    if not 0 < is_negative.sum() < len(is_negative):
        return {}
    precision, recall, _ = precision_recall_curve(is_negative, score)
    rows = np.unique(np.linspace(0, len(recall) - 1, CURVE_POINTS).round().astype(int))[::-1]
    return {
        "recall": recall[rows].tolist(),
        "precision": precision[rows].tolist(),
        "share": float(is_negative.mean()),
    }


def reliability(correct: npt.NDArray[np.bool_], confidence: Floats) -> list[dict[str, float]]:
    """Mean confidence and accuracy of each non-empty bin of confidence."""
    bins = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    return [
        {
            "sure": float(confidence[bins == one].mean()),
            "right": float(correct[bins == one].mean()),
            "examples": int(np.sum(bins == one)),
        }
        for one in np.unique(bins)
    ]


def by_rating(truth: Floats, predicted: Floats) -> list[dict[str, Any]]:
    """Mean prediction and number of examples for each rating, rounded to whole numbers."""
    whole = np.rint(truth)
    return [
        {
            "rating": float(rating),
            "mean": float(predicted[whole == rating].mean()),
            "examples": int(np.sum(whole == rating)),
        }
        for rating in np.unique(whole)
    ]


def _counts(truth: Integers, predicted: Integers, weights: Floats, classes: int) -> Floats:
    """Weighted confusion matrix, shape (classes, classes)."""
    cells = np.bincount(classes * truth + predicted, weights, classes**2)
    return np.asarray(cells.reshape(classes, classes), np.float64)


def _of_each_class(counts: Floats) -> dict[str, Floats]:
    """Precision, recall and F1 of each class from a confusion matrix."""
    correct, chosen, actual = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    return {
        "precision": _ratio(correct, chosen),
        "recall": _ratio(correct, actual),
        "f1": _ratio(2 * correct, chosen + actual),
    }


def _ranked(classes: int) -> Sequence[int]:
    """The classes to rank; with two classes, only the second."""
    return [1] if classes == 2 else range(classes)


def _ranking(
    is_positive: npt.NDArray[np.bool_], probability: Floats
) -> Callable[[Floats], tuple[float, float]]:
    """Make a function from sample weights to ROC AUC and average precision."""
    order = np.argsort(-probability, kind="stable")
    positive = is_positive[order].astype(np.float64)
    last_of_equal = np.flatnonzero(np.diff(probability[order], append=-1))

    def figures(weights: Floats) -> tuple[float, float]:
        ordered = weights[order]
        found = np.cumsum(ordered * positive)[last_of_equal]
        taken = np.cumsum(ordered)[last_of_equal]
        wrong = taken - found
        if not found[-1] or not wrong[-1]:
            return float("nan"), float("nan")
        steps = np.diff(found, prepend=0)
        area = np.sum(np.diff(wrong, prepend=0) * (found - steps / 2))
        precision = _ratio(found, taken)
        return float(area / (found[-1] * wrong[-1])), float(steps @ precision / found[-1])

    return figures


def _ranks(places: Integers, weights: Floats) -> Floats:
    """Weighted rank of each example; ties share their mean rank."""
    together = np.bincount(places, weights)
    return np.asarray((np.cumsum(together) - together / 2)[places])


def _correlation(first: Floats, second: Floats, weights: Floats) -> float:
    total = weights.sum()
    first, second = (one - weights @ one / total for one in (first, second))
    scale = np.sqrt((weights @ first**2) * (weights @ second**2))
    return float(weights @ (first * second) / scale) if scale > 0 else float("nan")


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Quotient, 0 where the denominator is 0."""
    return np.divide(part, whole, out=np.zeros_like(part, np.float64), where=whole > 0)
