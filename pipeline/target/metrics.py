"""Figures of predictions whose truth is known, and what pictures are drawn from.

A :data:`Scorer` holds the predictions ready, so that a bootstrap, which only changes how often
each example counts, need not sort them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers

CURVE_POINTS = 200
BINS = 15
"""Of the probability, for the calibration error; Guo et al. use as many."""
LEAST_PROBABILITY = 1e-12

Rankings = list[tuple[npt.NDArray[np.bool_], Floats]]
"""Of each class, which examples are of it, and how probable that is of each."""
Scorer = Callable[[Floats], dict[str, float]]
"""From how often each example counts, shape (examples,), to figures. One that is not defined, such
as the ROC AUC where all examples are of one class, is not a number."""


def of_classes(
    names: Sequence[str], truth: Integers, predicted: Integers, probabilities: Floats
) -> Scorer:
    """Accuracy and what else tells one classifier from another.

    A precision, recall or F1 without any example to count is 0. ROC AUC and average precision
    are those of the second of two classes, else the mean over the classes, each against the
    rest. The calibration error is that of Guo et al., "On Calibration of Modern Neural Networks"
    (2017): the mean distance between how sure the model is of its most probable class and how
    often it is right.

    Args:
        names: Of the classes.
        truth: Number of the class, shape (examples,).
        predicted: The same of the prediction.
        probabilities: Of each class, shape (examples, classes).
    """
    classes = len(names)
    rankings = [_ranking(truth == one, probabilities[:, one]) for one in _ranked(classes)]
    squared = np.sum((probabilities - np.eye(classes)[truth]) ** 2, axis=1)
    squared /= 2 if classes == 2 else 1
    of_truth = probabilities[np.arange(len(truth)), truth]
    surprise = -np.log(np.maximum(of_truth, LEAST_PROBABILITY))
    sure = probabilities.max(axis=1)
    overconfident = sure - (probabilities.argmax(axis=1) == truth)
    bins = np.minimum((sure * BINS).astype(np.intp), BINS - 1)

    def figures(weights: Floats) -> dict[str, float]:
        total = weights.sum()
        cells = np.bincount(classes * truth + predicted, weights, classes**2)
        counts: Floats = cells.reshape(classes, classes).astype(np.float64)
        right, taken, there = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
        precision, recall = _ratio(right, taken), _ratio(right, there)
        of_each = {
            "precision": precision,
            "recall": recall,
            "f1": _ratio(2 * precision * recall, precision + recall),
        }
        roc_auc, average_precision = np.mean([one(weights) for one in rankings], axis=0)
        gaps = np.bincount(bins, weights * overconfident, BINS)
        return {
            "accuracy": float(right.sum() / total),
            "balanced_accuracy": float(recall[there > 0].mean()),
            "macro_f1": float(of_each["f1"].mean()),
            "roc_auc": float(roc_auc),
            "average_precision": float(average_precision),
            "brier_score": float(weights @ squared / total),
            "log_loss": float(weights @ surprise / total),
            "expected_calibration_error": float(np.abs(gaps).sum() / total),
            **{
                f"{figure}_{name}": float(value)
                for figure, values in of_each.items()
                for name, value in zip(names, values, strict=True)
            },
        }

    return figures


def of_ratings(truth: Floats, predicted: Floats) -> Scorer:
    """Mean absolute error, root mean squared error, R² and Spearman's rank correlation.

    Without two different ratings the last two are not a number; predictions that are all the same
    have no rank correlation either.

    Args:
        truth: Ratings, shape (examples,).
        predicted: The same of the prediction.
    """
    error = predicted - truth
    given, said = (np.unique(one, return_inverse=True)[1] for one in (truth, predicted))

    def figures(weights: Floats) -> dict[str, float]:
        total = weights.sum()
        mean_square = weights @ error**2 / total
        mean = weights @ truth / total
        spread = weights @ (truth - mean) ** 2 / total
        return {
            "mean_absolute_error": float(weights @ np.abs(error) / total),
            "root_mean_squared_error": float(np.sqrt(mean_square)),
            "r2": float(1 - mean_square / spread) if spread else float("nan"),
            "spearman": _correlation(_ranks(given, weights), _ranks(said, weights), weights),
        }

    return figures


def confusion(truth: Integers, predicted: Integers, classes: int) -> list[list[int]]:
    """Counts by true class (rows) and predicted class (columns)."""
    cells = np.bincount(classes * truth + predicted, minlength=classes**2)
    return [[int(count) for count in row] for row in cells.reshape(classes, classes)]


def roc(rankings: Rankings) -> dict[str, list[float]]:
    """The mean of the ROC curves of some classes; of those that some examples are of, not all.

    Nothing where there is no such class.
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


def reliability(right: npt.NDArray[np.bool_], sure: Floats) -> list[dict[str, float]]:
    """How often an answer is right by how sure the model is of it, for each bin that is filled."""
    bins = np.minimum((sure * BINS).astype(np.intp), BINS - 1)
    return [
        {
            "sure": float(sure[bins == one].mean()),
            "right": float(right[bins == one].mean()),
            "examples": int(np.sum(bins == one)),
        }
        for one in np.unique(bins)
    ]


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


def _ranked(classes: int) -> Sequence[int]:
    """The classes whose ranking counts: of two, one says all."""
    return [1] if classes == 2 else range(classes)


def _ranking(
    is_positive: npt.NDArray[np.bool_], probability: Floats
) -> Callable[[Floats], tuple[float, float]]:
    """A function from weights to ROC AUC and average precision."""
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
    """Rank of each example among the weighted ones; equal ones share theirs."""
    together = np.bincount(places, weights)
    return np.asarray((np.cumsum(together) - together / 2)[places])


def _correlation(first: Floats, second: Floats, weights: Floats) -> float:
    total = weights.sum()
    first, second = (one - weights @ one / total for one in (first, second))
    scale = np.sqrt((weights @ first**2) * (weights @ second**2))
    return float(weights @ (first * second) / scale) if scale > 0 else float("nan")


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Their quotient, 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros_like(part, np.float64), where=whole > 0)
