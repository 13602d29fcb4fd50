"""The report on a source without labels: what people say, by answers that nobody has checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.explain.records import UncheckedExplanation
from pipeline.report import plots
from pipeline.report.page import write_page
from pipeline.report.phrases import Language, Phrases
from pipeline.report.ratings import FEWEST_REVIEWS, GROUPS_SHOWN, describe
from pipeline.reviews.review import day_of

UNLABELED_REPORT_VERSION = 2
WORTH_LABELLING = 100
"""Labels that a person is advised to give first."""
WORTH_BY_LABELS = {0: 0.753, 100: 0.766, 2_000: 0.820}
"""Mean macro-F1 in six other trades by number of labels; see `docs/benchmarks.md`."""


def write_unlabeled_report(
    output: Path,
    *,
    language: Language,
    source: str,
    reviews: Path,
    sentiment: Path,
    explanation: UncheckedExplanation,
    is_adapted: bool,
    crawl: dict[str, Any],
    settings: dict[str, dict[str, Any]],
) -> None:
    """Render the report of a run on a source without labels.

    Args:
        output: The HTML file.
        language: Language of the page.
        source: Name of the source, for the title.
        reviews: The run's ``reviews.parquet``.
        sentiment: ``sentiment.parquet``: the reviews with the starter's answers.
        explanation: Content of ``explanation.json``.
        is_adapted: Whether the starter adapted to the reviews.
        crawl: Details of the crawl's manifest.
        settings: Settings that affect the result, by section.
    """
    say = Phrases(language)
    answered = [row for row in pq.read_table(sentiment).to_pylist() if row["label"]]
    negative = sum(row["label"] == "negative" for row in answered)
    write_page(
        output,
        "unlabeled.html.j2",
        say,
        source,
        reviews=describe(reviews, say),
        explanation=explanation,
        is_adapted=is_adapted,
        answered=len(answered),
        negative=negative,
        plots=_by_month(answered, say),
        groups=_by_group(answered),
        sources=_by_source(answered),
        fewest_reviews=FEWEST_REVIEWS,
        worth_labelling=WORTH_LABELLING,
        worth=WORTH_BY_LABELS,
        crawl=crawl,
        settings=settings,
    )


def _by_month(answered: Sequence[Mapping[str, Any]], say: Phrases) -> dict[str, Any]:
    """Plot of the share of negative answers by month, if there are several months."""
    dated = [(day_of(row["date"])[:7], row) for row in answered]
    months = sorted(_shares([pair for pair in dated if pair[0]]), key=lambda one: one["name"])
    if len(months) < 2:
        return {}
    title = say("plot_negative_months")
    return {title: plots.negative_by_month(months, title, say)}


def _by_group(answered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The groups with the surely largest shares of negative answers."""
    groups = _shares([(row["group_name"] or row["group"], row) for row in answered if row["group"]])
    if len(groups) < 2:
        return []
    return sorted(groups, key=lambda one: (-one["interval"][0], one["name"]))[: 2 * GROUPS_SHOWN]


def _by_source(answered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The share of negative answers of each source, if there are several."""
    found = _shares([(row["source"], row) for row in answered])
    if len({row["source"] for row in answered}) < 2:
        return []
    return sorted(found, key=lambda one: (-one["mean"], one["name"]))


def _shares(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Share of negative answers by name, with its 95 % Wilson interval."""
    from scipy.stats import binomtest

    named = defaultdict(list)
    for name, row in rows:
        named[name].append(row["label"] == "negative")
    found = []
    for name, own in named.items():
        if len(own) >= FEWEST_REVIEWS:
            interval = binomtest(sum(own), len(own)).proportion_ci(method="wilson")
            found.append(
                {
                    "name": name,
                    "reviews": len(own),
                    "mean": sum(own) / len(own),
                    "interval": [interval.low, interval.high],
                }
            )
    return found
