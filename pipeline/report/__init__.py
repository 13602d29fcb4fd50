"""The report: one HTML file that needs no other."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from typing import Any

import pyarrow.parquet as pq
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.ngrams import MOST_TEXTS
from pipeline.report import plots
from pipeline.report.wording import EXPECTED, FIGURES, OF_CLASSES, WORDINGS, verdict
from pipeline.slices import FEWEST
from pipeline.target import Target
from pipeline.workspace import write_text

VERSION = 10
GROUPS_SHOWN = 5
SLICES_SHOWN = 12
FEWEST_REVIEWS = 5
"""A group with fewer rated reviews is not ranked."""


def write_report(
    output: Path,
    *,
    source: str,
    target: Target,
    reviews: Path,
    metrics: dict[str, Any],
    behaviour: dict[str, Any],
    crawl: dict[str, Any],
    examples: dict[str, Any],
    training: list[dict[str, Any]],
) -> None:
    """Render the report of a run.

    Args:
        output: The HTML file.
        source: What was reviewed, for the title.
        target: What is predicted.
        reviews: The run's ``reviews.parquet``.
        metrics: What ``metrics.json`` holds.
        behaviour: What ``behaviour.json`` holds.
        crawl: Details of the crawl's manifest; those of the other stages follow.
        examples: Of labelling and splitting.
        training: Of training, for each network of the model.
    """
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    wording = WORDINGS[target.kind]
    environment.filters |= {"percent": _percent, "count": "{:,}".format}
    page = environment.get_template("report.html.j2").render(
        source=source,
        made=datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
        figure_names=FIGURES,
        of_classes=OF_CLASSES,
        most_texts=MOST_TEXTS,
        fewest=FEWEST,
        slices_shown=SLICES_SHOWN,
        target=target,
        wording=wording,
        metrics=metrics,
        behaviour=behaviour,
        expected=EXPECTED,
        verdict=verdict(metrics, wording),
        crawl=crawl,
        examples=examples,
        training=training,
        comparison=_comparison(metrics),
        learning=[
            Markup(plots.learning_curves(network["history"]))  # noqa: S704
            for network in training
        ],
        reviews=_describe(reviews),
    )
    write_text(output, page)


def _comparison(metrics: dict[str, Any]) -> dict[str, Markup]:
    """The picture that shows network and baseline side by side, by its title."""
    drawn: dict[str, Callable[..., str]] = {
        "roc": plots.roc_curves,
        "reliability": plots.reliability,
        "by_rating": plots.predicted_ratings,
    }
    titles = {
        "roc": "ROC curve on the test split",
        "reliability": "How often a sure answer is right",
        "by_rating": "Mean prediction by given rating",
    }
    models = {name: metrics[name] for name in ("network", "baseline")}
    return {
        titles[what]: Markup(draw({name: one[what] for name, one in models.items()}))  # noqa: S704
        for what, draw in drawn.items()
        if models["network"].get(what)
    }


def _describe(path: Path) -> dict[str, Any]:
    """What the ratings alone say: by aspect, by group, over time."""
    table = pq.read_table(path)
    rows = [row for row in table.to_pylist() if not row["aspect"]]
    rated = [row for row in rows if row["rating"] is not None]
    dates = sorted(row["date"] for row in rows if row["date"])
    described: dict[str, Any] = {
        "total": table.num_rows,
        "whole": len(rows),
        "first": dates[0] if dates else "",
        "last": dates[-1] if dates else "",
        "plots": {},
        "groups": {},
    }
    if not rated:
        return described
    scale = 5 if max(row["rating"] for row in rated) <= 5 else 10
    pictures = {"Reviews by rating": plots.rating_shares(Counter(r["rating"] for r in rated))}
    if aspects := _aspect_means(rows):
        pictures["Mean rating by aspect"] = plots.mean_ratings(
            list(aspects), list(aspects.values()), scale
        )
    by_month = defaultdict(list)
    for row in rated:
        if len(row["date"]) == len("2026-11-23"):
            by_month[row["date"][:7]].append(row["rating"])
    if len(by_month) > 1:
        months = sorted(by_month)
        means = [mean(by_month[month]) for month in months]
        pictures["Mean rating by month"] = plots.rating_by_month(months, means, scale)
    described["plots"] = {title: Markup(svg) for title, svg in pictures.items()}  # noqa: S704
    described["groups"] = _ranked_groups(rated)
    return described


def _aspect_means(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Mean rating of each aspect, the lowest first."""
    ratings = defaultdict(list)
    for row in rows:
        for aspect, rating in json.loads(row["aspect_ratings"]).items():
            ratings[aspect].append(rating)
    means = {aspect: mean(values) for aspect, values in ratings.items()}
    return dict(sorted(means.items(), key=lambda item: item[1]))


def _ranked_groups(rated: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The groups of highest and of lowest mean rating; empty when there are too few to rank."""
    by_group = defaultdict(list)
    for row in rated:
        if row["group"]:
            by_group[row["group_name"] or row["group"]].append(row["rating"])
    groups = [
        {"name": name, "mean": mean(ratings), "reviews": len(ratings)}
        for name, ratings in by_group.items()
        if len(ratings) >= FEWEST_REVIEWS
    ]
    if len(groups) < 2 * GROUPS_SHOWN:
        return {}
    groups.sort(key=lambda group: (group["mean"], group["name"]))
    return {"lowest": groups[:GROUPS_SHOWN], "highest": groups[: -GROUPS_SHOWN - 1 : -1]}


def _percent(value: float) -> str:
    return f"{value * 100:.1f}"
