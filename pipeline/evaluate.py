"""Figures of a model on held-out examples, with their uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.records import LABEL_NAMES
from pipeline.settings import EvaluateSettings

VERSION = 1
THRESHOLD = 0.5
"""Probability from which an example counts as positive."""
INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap that bound an interval."""
CURVE_POINTS = 200
MISTAKES_SHOWN = 10

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def evaluate(
    labels: Labels, probabilities: dict[str, Floats], settings: EvaluateSettings
) -> dict[str, Any]:
    """Figures of each model on the same examples.

    Args:
        labels: 0 or 1, shape (examples,).
        probabilities: Of positive, shape (examples,), by the model's name.
        settings: How often to resample.

    Returns:
        For each model ``figures`` (value and interval of each), ``confusion`` (rows are the true
        class, negative first) and ``roc`` (false and true positive rates); ``difference``, the
        first model's accuracy less the second's, with its interval over the same resamples.
    """
    spread = _bootstrap(labels, probabilities, settings)
    report: dict[str, Any] = {"examples": len(labels), "positive": int(labels.sum())}
    for name, probability in probabilities.items():
        report[name] = {
            "figures": {
                key: {"value": value, "interval": _interval([one[key] for one in spread[name]])}
                for key, value in figures(labels, probability).items()
            },
            "confusion": confusion(labels, probability),
            "roc": _roc(labels, probability),
        }
    first, second = probabilities
    gains = [
        a["accuracy"] - b["accuracy"] for a, b in zip(spread[first], spread[second], strict=True)
    ]
    report["difference"] = {
        "value": report[first]["figures"]["accuracy"]["value"]
        - report[second]["figures"]["accuracy"]["value"],
        "interval": _interval(gains),
    }
    return report


def figures(labels: Labels, probability: Floats) -> dict[str, float]:
    """Accuracy, precision, recall and F1 of positive, and ROC AUC.

    A precision or recall without any example to count is 0; without both classes the ROC AUC is
    not a number.
    """
    (true_negative, false_positive), (false_negative, true_positive) = confusion(
        labels, probability
    )
    precision = _ratio(true_positive, true_positive + false_positive)
    recall = _ratio(true_positive, true_positive + false_negative)
    return {
        "accuracy": _ratio(true_negative + true_positive, len(labels)),
        "precision": precision,
        "recall": recall,
        "f1": _ratio(2 * precision * recall, precision + recall),
        "roc_auc": _roc_auc(labels, probability),
    }


def confusion(labels: Labels, probability: Floats) -> list[list[int]]:
    """Counts by true class (rows) and predicted class (columns), negative first."""
    cells = np.bincount(2 * labels.astype(np.int64) + (probability >= THRESHOLD), minlength=4)
    return [[int(count) for count in row] for row in cells.reshape(2, 2)]


def _roc_auc(labels: Labels, probability: Floats) -> float:
    """The share of pairs of a positive and a negative example that are ranked rightly."""
    from scipy.stats import rankdata

    positives = int(labels.sum())
    pairs = positives * (len(labels) - positives)
    if not pairs:
        return float("nan")
    ranks = rankdata(probability)[labels == 1].sum()
    return float((ranks - positives * (positives + 1) / 2) / pairs)


def _roc(labels: Labels, probability: Floats) -> dict[str, list[float]]:
    from sklearn.metrics import roc_curve

    false_positive, true_positive, _ = roc_curve(labels, probability)
    at = np.linspace(0, 1, CURVE_POINTS)
    return {
        "false_positive_rate": at.tolist(),
        "true_positive_rate": np.interp(at, false_positive, true_positive).tolist(),
    }


def mistakes(examples: Path, probability: Floats) -> list[dict[str, Any]]:
    """The test examples whose wrong answer had the highest probability, the worst first.

    Args:
        examples: ``examples.parquet``.
        probability: Of positive, for each test example.
    """
    table = pq.read_table(examples, columns=["text", "label", "split"])
    rows = table.filter(pc.equal(table["split"], "test")).to_pylist()
    error = np.abs(probability - np.array([row["label"] for row in rows]))
    worst = np.argsort(-error, kind="stable")[:MISTAKES_SHOWN]
    return [
        {
            "text": rows[row]["text"],
            "label": LABEL_NAMES[rows[row]["label"]],
            "probability": float(probability[row]),
        }
        for row in worst
        if error[row] > THRESHOLD
    ]


def _bootstrap(
    labels: Labels, probabilities: dict[str, Floats], settings: EvaluateSettings
) -> dict[str, list[dict[str, float]]]:
    """Each model's figures on rows drawn with replacement, the same draws for every model."""
    random = np.random.default_rng(settings.seed)
    count = len(labels)
    spread: dict[str, list[dict[str, float]]] = {name: [] for name in probabilities}
    for _ in range(settings.bootstrap_samples):
        rows = random.integers(0, count, count)
        for name, probability in probabilities.items():
            spread[name].append(figures(labels[rows], probability[rows]))
    return spread


def _interval(values: list[float]) -> list[float]:
    return [float(bound) for bound in np.nanpercentile(values, INTERVAL)]


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
