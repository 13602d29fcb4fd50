"""Figures of a model on held-out examples, with their uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.dataset import Labels
from pipeline.settings import EvaluateSettings
from pipeline.target import BINARY, Predicted, Target

VERSION = 2
INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap that bound an interval."""
MISTAKES_SHOWN = 10


def evaluate(
    labels: Labels,
    predicted: dict[str, Predicted],
    settings: EvaluateSettings,
    target: Target = BINARY,
) -> dict[str, Any]:
    """Figures of each model on the same examples.

    Args:
        labels: As the target has them, shape (examples,).
        predicted: Probabilities of each example, by the model's name.
        settings: How often to resample.
        target: What is predicted.

    Returns:
        For each model ``figures`` (value and interval of each) and what the target has to draw;
        ``difference``, by how much the first model's ``target.metric`` is better than the
        second's, with its interval over the same resamples.
    """
    spread = _bootstrap(labels, predicted, settings, target)
    report: dict[str, Any] = {"examples": len(labels)}
    for name, one in predicted.items():
        report[name] = {
            "figures": {
                key: {"value": value, "interval": _interval([draw[key] for draw in spread[name]])}
                for key, value in target.figures(labels, one).items()
            },
            **target.pictures(labels, one),
        }
    metric = target.metric
    first, second = predicted
    gains = [
        target.better * (a[metric] - b[metric])
        for a, b in zip(spread[first], spread[second], strict=True)
    ]
    values = [report[name]["figures"][metric]["value"] for name in (first, second)]
    report["difference"] = {
        "value": target.better * (values[0] - values[1]),
        "interval": _interval(gains),
    }
    return report


def mistakes(examples: Path, predicted: Predicted, target: Target = BINARY) -> list[dict[str, Any]]:
    """The test examples whose answer was wrong by most, the worst first.

    Args:
        examples: ``examples.parquet``.
        predicted: Probabilities of each test example.
        target: What is predicted.

    Returns:
        Of each the ``text``, its true ``label``, the ``predicted`` one, and the target's other
        columns.
    """
    table = pq.read_table(examples, columns=["text", "label", "split"])
    table = table.filter(pc.equal(table["split"], "test"))
    labels = table["label"].to_numpy()
    error = target.errors(labels, predicted)
    worst = [row for row in np.argsort(-error, kind="stable")[:MISTAKES_SHOWN] if error[row] > 0]
    texts = table["text"].take(worst).to_pylist()
    return [
        {**answer, "text": text, "label": truth, "predicted": next(iter(answer.values()))}
        for text, truth, answer in zip(
            texts, target.truths(labels[worst]), target.answers(predicted[worst]), strict=True
        )
    ]


def _bootstrap(
    labels: Labels, predicted: dict[str, Predicted], settings: EvaluateSettings, target: Target
) -> dict[str, list[dict[str, float]]]:
    """Each model's figures on rows drawn with replacement, the same draws for every model."""
    random = np.random.default_rng(settings.seed)
    count = len(labels)
    spread: dict[str, list[dict[str, float]]] = {name: [] for name in predicted}
    for _ in range(settings.bootstrap_samples):
        rows = random.integers(0, count, count)
        for name, one in predicted.items():
            spread[name].append(target.figures(labels[rows], one[rows]))
    return spread


def _interval(values: list[float]) -> list[float]:
    return [float(bound) for bound in np.nanpercentile(values, INTERVAL)]
