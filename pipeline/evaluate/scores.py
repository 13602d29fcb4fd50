"""Metrics of a model on the tested reviews, with bootstrap intervals and cautions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa

from pipeline.arrays import Bools, Floats, Integers, Labels
from pipeline.evaluate.records import Caution, Figure, Leakage, McNemar, ModelMetrics, Scores
from pipeline.evaluate.resampling import Resampling
from pipeline.settings import EvaluateSettings
from pipeline.target.base import Predicted, Target, Targets
from pipeline.target.binary import BINARY

METRICS_VERSION = 10
SCHEMA_VERSION = 3
"""Version of ``metrics.json``; increases when a metric changes its name, place or meaning."""
BOTH_BINARY: Targets = {"network": BINARY, "baseline": BINARY}
FEWEST_EXAMPLES = 100
"""A test with fewer examples than this leads to a caution."""
LEAKED_SHARE = 0.01
CHOSEN_SHARE = 0.1
"""Share of tested reviews labelled by hand, which are seldom chosen at random, for a caution."""
MISCALIBRATED = 0.1


def evaluate(
    labels: Labels,
    predicted: dict[str, Predicted],
    settings: EvaluateSettings,
    targets: Targets = BOTH_BINARY,
    resampling: Resampling | None = None,
) -> Scores:
    """Compute the metrics of each model on the same examples.

    Args:
        labels: Labels as encoded by the target, shape (examples,).
        predicted: Predictions of each example, by model name.
        settings: Number of bootstrap samples and the seed.
        targets: The prediction target of each model, with its decision rule.
        resampling: How examples are drawn; None draws them one by one.

    Returns:
        For each model its ``figures`` (value and 95% bootstrap interval of each defined metric)
        and the target's plot data; ``difference``, the improvement of the network's
        ``target.metric`` over the baseline's, with its interval over the same resamples; and
        ``mcnemar``, see :func:`compare`, for classes and a test split only, because the predictions
        of a fold in a cross-validation depend on each other.
    """
    scorers = {name: targets[name].scorer(labels, one) for name, one in predicted.items()}
    once = np.ones(len(labels))
    values = {name: scorer(once) for name, scorer in scorers.items()}
    own = resampling or Resampling.of_split(len(labels))
    random = np.random.default_rng(settings.seed)
    spread: dict[str, list[dict[str, float]]] = {name: [] for name in predicted}
    for _ in range(settings.bootstrap_samples):
        counts = own.draw(random)
        for name, scorer in scorers.items():
            spread[name].append(scorer(counts))
    target = targets["network"]
    metric, better = target.metric, target.better
    difference = better * (values["network"][metric] - values["baseline"][metric])
    models = {
        name: cast(
            ModelMetrics,
            {
                "figures": _figures(values[name], spread[name], own, target),
                **targets[name].pictures(labels, one),
            },
        )
        for name, one in predicted.items()
    }
    report: Scores = {
        "schema_version": SCHEMA_VERSION,
        "examples": len(labels),
        "network": models["network"],
        "baseline": models["baseline"],
        "difference": {
            "value": difference,
            "interval": own.interval(
                difference,
                [
                    better * (network[metric] - baseline[metric])
                    for network, baseline in zip(spread["network"], spread["baseline"], strict=True)
                ],
            ),
        },
    }
    if target.each_metric == "accuracy" and own.widening == 1:
        report["mcnemar"] = compare(
            *(targets[name].each(labels, predicted[name]) for name in ("network", "baseline"))
        )
    return report


def compare(first: Floats, second: Floats) -> McNemar:
    """McNemar's exact test of two models on the same examples.

    Args:
        first: 1 where the first model is correct, otherwise 0, shape (examples,).
        second: The same for the second model.

    Returns:
        The number of examples that only the ``first`` and only the ``second`` model predicts
        correctly, and the two-sided ``p_value``.
    """
    from scipy.stats import binomtest

    only_first, only_second = int(np.sum(first > second)), int(np.sum(second > first))
    either = only_first + only_second
    p_value = binomtest(only_first, either).pvalue if either else 1.0
    return {"first": only_first, "second": only_second, "p_value": float(p_value)}


def describe_leakage(same: Bools, near: Bools, each: Floats, group_overlap: int) -> Leakage:
    """Count leaked test examples and compute the metric with and without them.

    Args:
        same: Exact duplicates, from :func:`pipeline.evaluate.leakage.seen_before`.
        near: Near duplicates, from the same function.
        each: The ``each_metric`` of each example.
        group_overlap: Number of test examples whose group also occurs in training.
    """
    fresh = ~(same | near)
    return {
        "same": int(same.sum()),
        "near": int(near.sum()),
        "group_overlap": group_overlap,
        "with": float(each.mean()),
        "without": float(each[fresh].mean()) if fresh.any() else None,
    }


def cautions(
    metrics: Scores,
    leakage: Leakage,
    labels: Labels,
    target: Target,
    groups_ignored: int = 0,
    *,
    is_reversed: bool = False,
    by_hand: int = 0,
) -> list[Caution]:
    """Reasons not to trust the network's metrics, most severe first.

    Args:
        metrics: Result of :func:`evaluate`.
        leakage: Result of :func:`describe_leakage`.
        labels: Labels of the test split.
        target: The prediction target.
        groups_ignored: Number of groups if the test split was not chosen by group, else 0.
        is_reversed: Whether the texts suggest that negative labels mean positive.
        by_hand: Number of tested reviews that were labelled by hand.

    Returns:
        Each with its ``kind`` and the values it is based on.
    """
    found: list[Caution] = []
    figures = metrics["network"]["figures"]
    groups = np.bincount([target.group(label) for label in labels], minlength=len(target.names))
    if len(target.names) > 1 and np.count_nonzero(groups) == 1:
        found.append({"kind": "one_class", "name": target.names[int(groups.argmax())]})
    if len(labels) < FEWEST_EXAMPLES:
        found.append({"kind": "few_examples", "examples": len(labels)})
    if is_reversed:
        found.append({"kind": "reversed"})
    if metrics["difference"]["interval"][1] < 0:
        found.append({"kind": "worse_than_baseline"})
    if groups_ignored:
        found.append({"kind": "groups_ignored", "groups": groups_ignored})
    if by_hand > CHOSEN_SHARE * len(labels):
        found.append({"kind": "by_hand", "by_hand": by_hand, "examples": len(labels)})
    seen = leakage["same"] + leakage["near"]
    low, high = figures[target.each_metric]["interval"]
    without = leakage["without"]
    if seen > LEAKED_SHARE * len(labels) or not (without and low <= without <= high):
        found.append({"kind": "leak", "seen": seen, "share": seen / len(labels)})
    if target.each_metric == "accuracy":
        found += _cautions_of_classes(metrics, groups)
    elif figures.get("r2", {"value": 0})["value"] <= 0:
        found.append({"kind": "no_better_than_the_mean"})
    return found


def _cautions_of_classes(metrics: Scores, groups: Integers) -> list[Caution]:
    """Cautions if classes are predicted; ``groups`` has the number of examples of each class."""
    figures, found = metrics["network"]["figures"], list[Caution]()
    by_chance = 1 / np.count_nonzero(groups)
    if by_chance < 1 and figures["balanced_accuracy"]["interval"][0] <= by_chance:
        found.append({"kind": "no_better_than_one_answer", "share": by_chance})
    error = figures["expected_calibration_error"]["value"]
    if error > MISCALIBRATED:
        found.append({"kind": "miscalibrated", "error": error})
    return found


def predictions_table(
    ids: pa.ChunkedArray,
    texts: list[str],
    labels: Labels,
    predicted: dict[str, Predicted],
    targets: Targets,
) -> pa.Table:
    """The table of ``predictions.parquet``: each model's predictions for each test example.

    Columns ``id``, ``text``, ``label``, and for each model the target's columns prefixed with its
    name, such as ``network_probability``.
    """
    columns: dict[str, Any] = {"id": ids, "text": texts, "label": targets["network"].truths(labels)}
    for name, one in predicted.items():
        target = targets[name]
        answers = target.answers(one)
        columns |= {f"{name}_{key}": [row[key] for row in answers] for key in target.columns}
    return pa.table(columns)


def _figures(
    values: dict[str, float],
    draws: Sequence[dict[str, float]],
    resampling: Resampling,
    target: Target,
) -> dict[str, Figure]:
    """The metrics that are defined, each with its bootstrap interval."""
    limits = (0, 1) if len(target.names) > 1 else (-np.inf, np.inf)
    return {
        key: {
            "value": value,
            "interval": resampling.interval(value, [draw[key] for draw in draws], limits),
        }
        for key, value in values.items()
        if not math.isnan(value) and not all(math.isnan(draw[key]) for draw in draws)
    }
