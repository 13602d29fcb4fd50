"""Figures of models on the test sets of several industries, and their summaries."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import Any

import numpy as np

from pipeline.arrays import Labels
from pipeline.target.base import Predicted, Target
from tests.benchmarks.domains_industries import CHOOSING, CONFIRMING

METRICS = ("macro_f1", "roc_auc", "accuracy")

Figures = dict[str, float]
"""The ``METRICS``, and the numbers of complaints ``found`` and of reviews ``flagged`` as such."""


def measure(target: Target, truth: Labels, predicted: Predicted) -> Figures:
    """Measure predictions of the test set, with the target's threshold."""
    figures = target.scorer(truth, predicted)(np.ones(len(truth)))
    complains = ~target.is_positive(predicted)
    return {
        **{metric: figures[metric] for metric in METRICS},
        "found": float(np.sum(complains & (truth == 0))),
        "flagged": float(np.sum(complains)),
    }


def summarize(
    of_industries: dict[str, list[Figures]], complaints: dict[str, int]
) -> dict[str, Any]:
    """Summarize the figures of a model: for each industry those of each draw.

    ``mean`` is that of the industries' means over the draws, ``spread`` the difference between the
    highest and the lowest mean over the industries of a draw. Complaints found are a mean over the
    draws; their precision is that of all draws together, None if nothing was flagged.
    """
    summary: dict[str, Any] = {}
    for metric in METRICS:
        values = {name: [one[metric] for one in figures] for name, figures in of_industries.items()}
        means = {name: statistics.mean(of) for name, of in values.items()}
        of_draws = [statistics.mean(one) for one in zip(*values.values(), strict=True)]
        summary[metric] = {
            "mean": mean(means.values()),
            "mean_choosing": mean(means[name] for name in means if name in CHOOSING),
            "mean_confirming": mean(means[name] for name in means if name in CONFIRMING),
            "spread": round(max(of_draws) - min(of_draws), 4),
            "industries": {
                name: {"mean": round(means[name], 4), "of": [round(one, 4) for one in of]}
                for name, of in values.items()
            },
        }
    summary["complaints"] = {}
    for name, figures in of_industries.items():
        found, flagged = (sum(one[key] for one in figures) for key in ("found", "flagged"))
        summary["complaints"][name] = {
            "found": round(found / len(figures), 1),
            "of": complaints[name],
            "precision": round(found / flagged, 3) if flagged else None,
        }
    return summary


def ratios(summaries: dict[str, Any]) -> dict[str, Any]:
    """Figures of ours divided by those of the balanced baseline: means, macro-F1 by industry."""
    if "baseline_balanced" not in summaries:
        return {}
    ours, balanced = summaries["ours"], summaries["baseline_balanced"]
    return {
        **{one: round(ours[one]["mean"] / balanced[one]["mean"], 3) for one in METRICS},
        "macro_f1_of_industries": {
            name: round(own["mean"] / balanced["macro_f1"]["industries"][name]["mean"], 3)
            for name, own in ours["macro_f1"]["industries"].items()
        },
    }


def mean(values: Iterable[float]) -> float | None:
    """The mean, None if there is no value."""
    known = list(values)
    return round(statistics.mean(known), 4) if known else None
