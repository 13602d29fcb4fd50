"""Figures of a model on held-out examples, with their uncertainty, and what speaks against them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.arrays import Bools, Floats, Labels
from pipeline.settings import EvaluateSettings
from pipeline.target.kinds import BINARY, Predicted, Target

VERSION = 4
SCHEMA_VERSION = 2
"""Of ``metrics.json``; it rises when a figure changes its name, place or meaning."""
INTERVAL = (2.5, 97.5)
"""Percentiles of the bootstrap that bound an interval."""
FEWEST_EXAMPLES = 100
"""Test examples below which no figure says much."""
LEAKED_SHARE = 0.01
MISCALIBRATED = 0.1


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
        For each model ``figures`` (value and 95 % bootstrap interval of each that is defined) and
        what the target has to draw; ``difference``, by how much the first model's
        ``target.metric`` is better than the second's, with its interval over the same resamples;
        for classes ``mcnemar``, see :func:`compare`.
    """
    scorers = {name: target.scorer(labels, one) for name, one in predicted.items()}
    once = np.ones(len(labels))
    values = {name: scorer(once) for name, scorer in scorers.items()}
    random = np.random.default_rng(settings.seed)
    spread: dict[str, list[dict[str, float]]] = {name: [] for name in predicted}
    for _ in range(settings.bootstrap_samples):
        drawn = random.integers(0, len(labels), len(labels))
        counts = np.bincount(drawn, minlength=len(labels)).astype(np.float64)
        for name, scorer in scorers.items():
            spread[name].append(scorer(counts))
    report: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "examples": len(labels)}
    for name, one in predicted.items():
        report[name] = {
            "figures": {
                key: {"value": value, "interval": _interval([draw[key] for draw in spread[name]])}
                for key, value in values[name].items()
                if not math.isnan(value) and not all(math.isnan(d[key]) for d in spread[name])
            },
            **target.pictures(labels, one),
        }
    metric = target.metric
    first, second = predicted
    report["difference"] = {
        "value": target.better * (values[first][metric] - values[second][metric]),
        "interval": _interval(
            [
                target.better * (a[metric] - b[metric])
                for a, b in zip(spread[first], spread[second], strict=True)
            ]
        ),
    }
    if metric == "accuracy":
        report["mcnemar"] = compare(*(target.each(labels, one) for one in predicted.values()))
    return report


def compare(first: Floats, second: Floats) -> dict[str, Any]:
    """McNemar's exact test of two models on the same examples.

    Args:
        first: 1 where the first model is right, else 0, shape (examples,).
        second: The same of the second.

    Returns:
        On how many examples only the ``first`` and only the ``second`` is right, and the
        ``p_value`` of a difference at least as large where both are equally good.
    """
    from scipy.stats import binomtest

    only_first, only_second = int(np.sum(first > second)), int(np.sum(second > first))
    either = only_first + only_second
    p_value = binomtest(only_first, either).pvalue if either else 1.0
    return {"first": only_first, "second": only_second, "p_value": float(p_value)}


def describe_leakage(same: Bools, near: Bools, each: Floats, group_overlap: int) -> dict[str, Any]:
    """How many test examples were seen before, and what the metric is without them.

    Args:
        same: From :func:`pipeline.evaluate.leakage.seen_before`.
        near: From there too.
        each: The metric of each example.
        group_overlap: How many test examples are of a group that training has examples of.
    """
    fresh = ~(same | near)
    return {
        "same": int(same.sum()),
        "near": int(near.sum()),
        "group_overlap": group_overlap,
        "with": float(each.mean()),
        "without": float(each[fresh].mean()) if fresh.any() else None,
    }


def cautions(metrics: dict[str, Any], labels: Labels, target: Target) -> list[dict[str, Any]]:
    """What speaks against trusting the network's figures, the gravest first.

    Args:
        metrics: Of :func:`evaluate`, with ``leakage``.
        labels: Of the test split.
        target: What is predicted.

    Returns:
        Each with its ``kind`` and the numbers that it rests on.
    """
    found: list[dict[str, Any]] = []
    figures = metrics["network"]["figures"]
    groups = np.bincount([target.group(label) for label in labels], minlength=len(target.names))
    if len(target.names) > 1 and np.count_nonzero(groups) == 1:
        found.append({"kind": "one_class", "name": target.names[int(groups.argmax())]})
    if len(labels) < FEWEST_EXAMPLES:
        found.append({"kind": "few_examples", "examples": len(labels)})
    if metrics["difference"]["interval"][1] < 0:
        found.append({"kind": "worse_than_baseline"})
    leakage = metrics["leakage"]
    seen = leakage["same"] + leakage["near"]
    low, high = figures[target.metric]["interval"]
    without = leakage["without"]
    if seen > LEAKED_SHARE * len(labels) or not (without and low <= without <= high):
        found.append({"kind": "leak", "seen": seen, "share": seen / len(labels)})
    if target.metric == "accuracy":
        most = float(groups.max() / len(labels))
        if len(groups) > 1 and most < 1 and figures["accuracy"]["interval"][0] <= most:
            found.append({"kind": "no_better_than_one_answer", "share": most})
        error = figures["expected_calibration_error"]["value"]
        if error > MISCALIBRATED:
            found.append({"kind": "miscalibrated", "error": error})
    elif figures.get("r2", {"value": 0})["value"] <= 0:
        found.append({"kind": "no_better_than_the_mean"})
    return found


def predictions_table(
    ids: pa.ChunkedArray,
    texts: list[str],
    labels: Labels,
    predicted: dict[str, Predicted],
    target: Target,
) -> pa.Table:
    """``predictions.parquet``: what each model said of each test example, to compute with.

    Columns ``id``, ``text``, ``label``, and for each model those of the target with its name
    before them, such as ``network_probability``.
    """
    columns: dict[str, Any] = {"id": ids, "text": texts, "label": target.truths(labels)}
    for name, one in predicted.items():
        answers = target.answers(one)
        columns |= {f"{name}_{key}": [row[key] for row in answers] for key in target.columns}
    return pa.table(columns)


def _interval(values: list[float]) -> list[float]:
    return [float(bound) for bound in np.nanpercentile(values, INTERVAL)]
