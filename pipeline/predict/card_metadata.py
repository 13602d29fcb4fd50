"""The YAML front matter of a model card, which the Hugging Face Hub reads.

The keys are those of https://github.com/huggingface/hub-docs/blob/main/modelcard.md. There is no
licence: the owner of the reviews chooses it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.predict.bundle_records import BundleMetrics
from pipeline.redact import printable

TAGS = ("sentiment-analysis", "reviews", "korean", "lstm")
TASK = "text-classification"
NAME = "review-sentiment"
PRIVATE = "private"
"""Used instead of the id of a data set on the Hub."""


class Metric(NamedTuple):
    """A metric of the Hub: its id on the Hub and its name."""

    type: str
    name: str


METRICS = {
    "macro_f1": Metric("f1", "Macro-F1"),
    "accuracy": Metric("accuracy", "Accuracy"),
    "roc_auc": Metric("roc_auc", "ROC AUC"),
    "recall_negative": Metric("recall", "Recall of complaints"),
    "precision_negative": Metric("precision", "Precision of complaints"),
    "mean_absolute_error": Metric("mae", "Mean absolute error"),
    "r2": Metric("r_squared", "R²"),
    "spearman": Metric("spearmanr", "Spearman correlation"),
}
"""Metrics by their names in ``metrics.json``."""


def front_matter(known: BundleMetrics) -> str:
    """The metadata between two lines of dashes; without results if none are known.

    Args:
        known: The model's figures, and the source of its reviews.
    """
    values = _values(known)
    lines = ["---", "language: ko", "library_name: keras", f"pipeline_tag: {TASK}", "tags:"]
    lines += [f"- {tag}" for tag in TAGS]
    if values:
        lines += ["metrics:", *(f"- {METRICS[name].type}" for name in values)]
        lines += _model_index(known, values)
    return "\n".join([*lines, "---"])


def _values(known: BundleMetrics) -> dict[str, float]:
    """The network's figures that the Hub has a metric for."""
    figures = {name: one["value"] for name, one in known.figures.get("network", {}).items()}
    if not figures and known.network is not None:
        figures = {known.metric: known.network}
    return {name: figures[name] for name in METRICS if name in figures}


def _model_index(known: BundleMetrics, values: Mapping[str, float]) -> list[str]:
    lines = [
        "model-index:",
        f"- name: {NAME}",
        "  results:",
        "  - task:",
        f"      type: {TASK}",
        "      name: Sentiment of Korean reviews",
        "    dataset:",
        f"      type: {PRIVATE}",
        f"      name: {_quoted(known.source or 'reviews')}",
        *([] if known.folds else ["      split: test"]),
        "    metrics:",
    ]
    for name, value in values.items():
        metric = METRICS[name]
        lines += [f"    - type: {metric.type}", f"      value: {value:.6f}"]
        lines += [f"      name: {_quoted(metric.name)}"]
    return lines


def _quoted(text: str) -> str:
    """Untrusted text as a YAML string; JSON strings are valid YAML."""
    return json.dumps(printable(text), ensure_ascii=False)
