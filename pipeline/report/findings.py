"""Values of the templates on what the reviews say, for reports with and without labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from pipeline.report import plots, topic_plots
from pipeline.report.complaints import Complaints, by_review, complaint_counts, complaints
from pipeline.report.intervals import Ratio, named_ratios
from pipeline.report.periods import period_name, period_of, unit_of
from pipeline.report.phrases import Phrases
from pipeline.report.ratings import FEWEST_REVIEWS
from pipeline.report.shown_texts import shown_texts
from pipeline.report.standout import standouts
from pipeline.report.topics import MAX_TOPICS, changes, heat_map, is_sure, spellings, standing
from pipeline.topics.records import PeriodUnit, TopicReport

GROUPS_SHOWN = 8
FEWEST_OF_GROUP = 10
"""Groups with fewer reviews are not ranked."""
FEWEST_ON_MAP = 4
"""Minimum number of topics to draw the topic map."""


def findings(judged: Path, report: TopicReport | None, say: Phrases) -> dict[str, Any]:
    """Values of the templates on topics, periods, groups and complaints.

    Args:
        judged: ``judged.parquet``.
        report: The topics; None if they were not looked for.
        say: Texts in the language of the page.
    """
    table = pq.read_table(judged)
    reviews = by_review(table)
    days = sorted(set(reviews["date"].to_pylist()) - {""})
    unit: PeriodUnit = (report.period_unit if report else "") or unit_of(days)
    of_days = {day: period_of(day, unit) for day in days}
    topics = report.topics if report else ()
    of_topics = spellings(topics)
    found = complaints(shown_texts(table, of_topics), reviews, of_topics, of_days)
    groups = _worst(reviews, "group")
    return {
        "report": report,
        "has_dates": bool(days),
        "has_labels": table["label"].null_count < table.num_rows,
        "topics": topics[:MAX_TOPICS],
        "standing": standing,
        "is_sure": is_sure,
        "complaints": found,
        "standouts": standouts(report, found, groups, say),
        "topic_plot": _topic_plot(report, say),
        "heat": heat_map(report) if report else None,
        "trend_plots": _trend_plots(reviews, report, of_days, say),
        "fewest_of_group": FEWEST_OF_GROUP,
        "worst_groups": groups[:GROUPS_SHOWN],
        "worst_sources": _worst(reviews, "source"),
        "filters": _filters(found, topics, say),
        "period_name": lambda key: period_name(key, say),
    }


def _worst(reviews: pa.Table, column: str) -> list[tuple[str, Ratio]]:
    """Share of complaints by group or source, by lower bound; empty if there are fewer than two."""
    ratios = named_ratios(complaint_counts(reviews, reviews[column].to_pylist()), FEWEST_OF_GROUP)
    if len(ratios) < 2:
        return []
    return sorted(ratios.items(), key=lambda one: (-one[1].interval[0], one[0]))


def _topic_plot(report: TopicReport | None, say: Phrases) -> dict[str, Markup]:
    if report is None or len(report.topics) < FEWEST_ON_MAP:
        return {}
    title = say("plot_topics")
    return {title: topic_plots.topic_map(report, title, say)}


def _trend_plots(
    reviews: pa.Table, report: TopicReport | None, of_days: Mapping[str, str], say: Phrases
) -> dict[str, Markup]:
    """Complaints by period, and the topics that changed between the last two periods."""
    found: dict[str, Markup] = {}
    periods = [of_days.get(day, "") for day in reviews["date"].to_pylist()]
    ratios = named_ratios(complaint_counts(reviews, periods), FEWEST_REVIEWS)
    if len(ratios) > 1:
        title = say("plot_complaints")
        rows = [
            {"name": period_name(name, say), "mean": one.value, "interval": one.interval}
            for name, one in ratios.items()
        ]
        found[title] = plots.complaints_by_period(rows, title, say)
    if report and (changed := changes(report)):
        trend = next(topic.trend for topic in report.topics if topic.trend)
        labels = period_name(trend.before, say), period_name(trend.after, say)
        title = say("plot_changes")
        found[title] = topic_plots.dumbbell(changed, labels, title, say)
    return found


def _filters(found: Complaints, topics: Sequence[Any], say: Phrases) -> dict[str, Any]:
    """Options of the filters of complaints: only options that match some complaint."""
    used = {number for one in found.shown for number in one.topics}
    groups = sorted({one.group for one in found.shown if one.group})
    periods = sorted({one.period for one in found.shown if one.period}, reverse=True)
    return {
        "topic": [(n, topic.name) for n, topic in enumerate(topics, 1) if n in used],
        "group": list(enumerate(groups, 1)),
        "period": [(key, period_name(key, say)) for key in periods],
        "group_numbers": {name: number for number, name in enumerate(groups, 1)},
    }
