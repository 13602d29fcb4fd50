"""Topics as the page shows them: a table, a map, a heat map and changes over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.intervals import Ratio
from pipeline.topics.records import Interval, Topic, TopicReport

MAX_TOPICS = 15
"""Maximum number of topics in the table; the workbook has all topics."""
MAX_ROWS, MAX_COLUMNS = 12, 8
FEWEST_ROWS = 3
"""Minimum number of topics in the heat map."""
MAX_CHANGES = 8
FEWEST_IN_CELL = 3
"""Cells of the heat map with fewer mentions show no share."""
HEAT = (0.1, 0.2, 0.35, 0.5)
"""Lowest share of complaint for each of the shades 1 to 4 of the heat map."""


@dataclass(frozen=True)
class HeatCell:
    """A topic in a group.

    Attributes:
        ratio: Complaints among the mentions; None with fewer than ``FEWEST_IN_CELL``.
        shade: 0 to 4.
    """

    ratio: Ratio | None
    shade: int


@dataclass(frozen=True)
class HeatMap:
    """Shares of complaint by topic (rows) and group (columns)."""

    groups: list[str]
    rows: list[tuple[int, str, list[HeatCell]]]


@dataclass(frozen=True)
class Change:
    """A topic's share of complaint in two periods, and whether the difference is significant."""

    name: str
    before: Ratio
    after: Ratio
    is_sure: bool


def standing(topic: Topic, report: TopicReport) -> str:
    """``down`` if a topic's share of complaint is significantly above average, ``up`` if below."""
    mean = report.complaint_share
    if mean is not None and topic.complaint_share.low > mean:
        return "down"
    if mean is not None and topic.complaint_share.high < mean:
        return "up"
    return ""


def heat_map(report: TopicReport) -> HeatMap | None:
    """The topics and groups with the most mentions; None if most cells would be empty."""
    groups = report.groups[:MAX_COLUMNS]
    rows = []
    for number, topic in enumerate(report.topics[:MAX_TOPICS], 1):
        cells = {cell.key: Ratio(cell.negative, cell.mentions) for cell in topic.by_group}
        row = [_heat(cells.get(group.key)) for group in groups]
        if 2 * sum(cell.ratio is not None for cell in row) >= len(groups):
            rows.append((number, topic.name, row))
    if len(groups) < 2 or len(rows) < FEWEST_ROWS:
        return None
    return HeatMap([group.name for group in groups], rows[:MAX_ROWS])


def _heat(ratio: Ratio | None) -> HeatCell:
    if ratio is None or ratio.whole < FEWEST_IN_CELL:
        return HeatCell(None, 0)
    return HeatCell(ratio, sum(ratio.value >= least for least in HEAT))


def changes(report: TopicReport) -> list[Change]:
    """The largest changes of complaint between the last two periods, significant ones first."""
    found = []
    for topic in report.topics:
        trend = topic.trend
        if trend is None or trend.complaint_change is None:
            continue
        cells = {cell.key: cell for cell in topic.by_period}
        before, after = (
            Ratio(cells[key].negative, cells[key].mentions) for key in (trend.before, trend.after)
        )
        found.append(Change(topic.name, before, after, is_sure(trend.complaint_change)))
    found.sort(key=lambda one: (not one.is_sure, -abs(one.after.value - one.before.value)))
    return found[:MAX_CHANGES]


def is_sure(interval: Interval | None) -> bool:
    """Whether an interval excludes 0."""
    return interval is not None and (interval.low > 0 or interval.high < 0)


def spellings(topics: Sequence[Topic]) -> dict[str, tuple[str, ...]]:
    """All spellings of each topic, by its name."""
    return {topic.name: (topic.name, *topic.variants) for topic in topics}
