"""Topics whose complaints increased significantly in the last period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.alerts.quoting import quote
from pipeline.alerts.sent import Sent
from pipeline.report.periods import period_name
from pipeline.report.phrases import Phrases
from pipeline.topics.records import TopicReport

FALSE_DISCOVERIES = 0.05
"""Controlled false discovery rate: expected share of false alerts among the topics."""
MIN_COMPLAINTS = 5
"""Minimum complaints on a topic in both periods together; fewer can never be significant."""
MOST_SHOWN = 8
"""Maximum number of topics in a message, the most significant ones."""


class Rise(NamedTuple):
    """A topic with more complaints than in the previous period.

    Attributes:
        topic: Name of the topic.
        period: Key of the last period.
        before: Share of the previous period's reviews that complain about the topic.
        after: Share of the last period's reviews that complain about it.
        complaints: Number of the last period's reviews that complain about it.
        q: Adjusted p-value.
    """

    topic: str
    period: str
    before: float
    after: float
    complaints: int
    q: float


def rising_topics(report: TopicReport) -> list[Rise]:
    """The topics whose share of complaining reviews rose, most significant first.

    One-sided Fisher's exact test for each topic with enough complaints. The false discovery rate
    over these topics is controlled by the procedure of Benjamini and Hochberg, "Controlling the
    False Discovery Rate", Journal of the Royal Statistical Society B 57, 1995.
    """
    from scipy.stats import false_discovery_control, fisher_exact

    tables = {
        topic.name: [
            (cell.negative, part.reviews - cell.negative)
            for cell, part in zip(topic.by_period[-2:], report.periods[-2:], strict=True)
        ]
        for topic in report.topics
        if topic.trend
    }
    tables = {
        name: table
        for name, table in tables.items()
        if sum(complaints for complaints, _ in table) >= MIN_COMPLAINTS
    }
    if not tables:
        return []
    chances = [fisher_exact(table, alternative="less").pvalue for table in tables.values()]
    found = []
    for (name, table), q in zip(tables.items(), false_discovery_control(chances), strict=True):
        if q <= FALSE_DISCOVERIES:
            before, after = (complaints / (complaints + rest) for complaints, rest in table)
            period = report.periods[-1].key
            found.append(Rise(name, period, before, after, table[-1][0], float(q)))
    return sorted(found, key=lambda rise: (rise.q, rise.topic))


def new_rises(
    report: TopicReport, sources: Sequence[str], sent: Sent
) -> dict[tuple[str, ...], Rise]:
    """The rises that were not sent before for these sources and this period, by their keys."""
    rises = {("topic", *sources, rise.topic, rise.period): rise for rise in rising_topics(report)}
    return {key: rise for key, rise in rises.items() if key not in sent}


def describe_rises(rises: Sequence[Rise], say: Phrases) -> str:
    """The message about topics: a title, and a line for each."""
    period = period_name(rises[0].period, say)
    lines = [
        say.plain(
            "alert_rise",
            topic=quote(rise.topic),
            before=rise.before,
            after=rise.after,
            complaints=rise.complaints,
        )
        for rise in rises[:MOST_SHOWN]
    ]
    if left := len(rises) - len(lines):
        lines.append(say.plain("alert_more", left=left))
    return "\n".join([say.plain("alert_topics", count=len(rises), period=period), *lines])
