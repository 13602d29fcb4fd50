"""Rating statistics: distribution, by aspect, by month and by group."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pyarrow.parquet as pq

from pipeline.report import plots
from pipeline.report.counts import count_texts
from pipeline.report.periods import period_name
from pipeline.report.phrases import Phrases
from pipeline.reviews.review import SCALES, day_of

COLUMNS = [
    "source",
    "review_id",
    "text",
    "aspect",
    "rating",
    "aspect_ratings",
    "date",
    "group",
    "group_name",
]
GROUPS_SHOWN = 5
FEWEST_REVIEWS = 5
"""Groups, months and aspects with fewer rated reviews are left out."""


def describe(path: Path, say: Phrases) -> dict[str, Any]:
    """Counts, rating plots and group ranking of ``reviews.parquet``."""
    table = pq.read_table(path, columns=COLUMNS)
    rows = [row for row in table.to_pylist() if not row["aspect"]]
    rated = [row for row in rows if row["rating"] is not None]
    dates = sorted(filter(None, {day_of(date) for date in table["date"].to_pylist()}))
    described: dict[str, Any] = {
        **count_texts(table),
        "first": dates[0] if dates else "",
        "last": dates[-1] if dates else "",
        "plots": {},
        "groups": {},
        "sources": [],
    }
    if not rated:
        return described
    highest = max(row["rating"] for row in rated)
    scale = next((scale for scale in SCALES if highest <= scale), max(SCALES))
    counts, drawn = Counter(row["rating"] for row in rated), described["plots"]
    title = say("plot_ratings")
    drawn[title] = plots.rating_shares(counts, title, say)
    if aspects := sorted(_means(_by_aspect(rows)), key=lambda one: one["mean"]):
        title = say("plot_aspects")
        drawn[title] = plots.mean_ratings(aspects, scale, title, say)
    months = sorted(_means(_by_month(rated)), key=lambda one: one["name"])
    if len(months) > 1:
        months = [one | {"name": period_name(one["name"], say)} for one in months]
        title = say("plot_months")
        drawn[title] = plots.rating_by_month(months, scale, title, say)
    described["groups"] = _ranked_groups(rated)
    described["sources"] = _by_source(rows)
    return described


def _by_source(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sources with their mean ratings, if there are several."""
    ratings: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["rating"] is not None:
            ratings[row["source"]].append(row["rating"])
    several = len({row["source"] for row in rows}) > 1
    return sorted(_means(ratings), key=lambda one: one["mean"]) if several else []


def _by_aspect(rows: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    ratings = defaultdict(list)
    for row in rows:
        for aspect, rating in json.loads(row["aspect_ratings"]).items():
            ratings[aspect].append(rating)
    return ratings


def _by_month(rated: Sequence[dict[str, Any]]) -> dict[str, list[float]]:
    ratings = defaultdict(list)
    for row in rated:
        if day := day_of(row["date"]):
            ratings[day[:7]].append(row["rating"])
    return ratings


def _means(ratings: Mapping[str, Sequence[float]]) -> list[dict[str, Any]]:
    """Mean and 95% t-interval of each entry with at least ``FEWEST_REVIEWS`` ratings."""
    from scipy.stats import t

    found = []
    for name, own in ratings.items():
        if len(own) < FEWEST_REVIEWS:
            continue
        middle, half = mean(own), t.ppf(0.975, len(own) - 1) * stdev(own) / len(own) ** 0.5
        interval = [max(middle - half, min(own)), min(middle + half, max(own))]
        found.append({"name": name, "mean": middle, "interval": interval, "reviews": len(own)})
    return found


def _ranked_groups(rated: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The highest and lowest rated groups; empty when there are too few to rank."""
    ratings = defaultdict(list)
    for row in rated:
        if row["group"]:
            ratings[row["group_name"] or row["group"]].append(row["rating"])
    groups = _means(ratings)
    if len(groups) < 2 * GROUPS_SHOWN:
        return {}
    by_low = sorted(groups, key=lambda one: (-one["interval"][0], one["name"]))
    by_high = sorted(groups, key=lambda one: (one["interval"][1], one["name"]))
    return {
        "count": len(groups),
        "highest": by_low[:GROUPS_SHOWN],
        "lowest": by_high[:GROUPS_SHOWN],
    }
