"""What stands out in a report, as data for its first sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.topics.intervals import difference, wilson
from pipeline.topics.records import Fact, FactKind, Part, Topic

MIN_MENTIONS = 10
MIN_SHARE = 0.01
"""Share of reviews that mention a topic which stands out, beside :data:`MIN_MENTIONS`."""
MIN_CELL = 5
"""Mentions of a topic in a group, and in all others."""


def find_facts(
    topics: Sequence[Topic],
    groups: Sequence[Part],
    *,
    reviews: int,
    hidden: int,
    good: int,
    complaints: int,
) -> tuple[Fact, ...]:
    """At most one fact of each kind; see :class:`pipeline.topics.records.Fact`.

    Args:
        topics: The topics.
        groups: The report's groups.
        reviews: Number of reviews that were read.
        hidden: Reviews with a good rating that are judged negative.
        good: Reviews with a good rating.
        complaints: Reviews that are judged negative.
    """
    least = max(MIN_MENTIONS, MIN_SHARE * reviews)
    common = [one for one in topics if one.mentions >= least]
    return (
        *_most_praised(common),
        *_most_criticised(common),
        *_changed(common),
        *_worst_group(topics, groups),
        *_hidden(hidden, good, complaints),
    )


def _most_praised(topics: Sequence[Topic]) -> Iterator[Fact]:
    """The topic whose share of praise is high beyond doubt: by the lower bound of its interval."""
    known = [one for one in topics if one.positive]
    topic = max(known, key=lambda one: wilson(one.positive, one.mentions).low, default=None)
    if topic is not None:
        yield _fact(
            "most_praised",
            topic=topic.name,
            mentions=topic.mentions,
            positive=topic.positive,
            share=topic.positive / topic.mentions,
        )


def _most_criticised(topics: Sequence[Topic]) -> Iterator[Fact]:
    known = [one for one in topics if one.negative]
    topic = max(known, key=lambda one: one.complaint_share.low, default=None)
    if topic is not None:
        yield _fact(
            "most_criticised",
            topic=topic.name,
            mentions=topic.mentions,
            negative=topic.negative,
            share=topic.complaint_share.value,
        )


def _changed(topics: Sequence[Topic]) -> Iterator[Fact]:
    """The share of complaint that changed most beyond chance."""
    best, margin = None, 0.0
    for topic in topics:
        change = topic.trend.complaint_change if topic.trend else None
        if change is None:
            continue
        beyond = max(change.low, -change.high)
        if beyond > margin:
            best, margin = topic, beyond
    if best is None or best.trend is None or best.trend.complaint_change is None:
        return
    cells = {cell.key: cell.negative / cell.mentions for cell in best.by_period if cell.mentions}
    change = best.trend.complaint_change
    yield _fact(
        "changed",
        topic=best.name,
        period=best.trend.after,
        before=cells[best.trend.before],
        after=cells[best.trend.after],
        change=change.value,
        low=change.low,
        high=change.high,
    )


def _worst_group(topics: Sequence[Topic], groups: Sequence[Part]) -> Iterator[Fact]:
    """The group and topic whose share of complaint exceeds that elsewhere most beyond chance."""
    shown = {group.key for group in groups}
    best, margin = None, 0.0
    for topic in topics:
        for cell in topic.by_group:
            others = topic.mentions - cell.mentions
            if cell.key not in shown or cell.mentions < MIN_CELL or others < MIN_CELL:
                continue
            elsewhere = wilson(topic.negative - cell.negative, others)
            here = wilson(cell.negative, cell.mentions)
            beyond = difference(elsewhere, here).low
            if beyond > margin:
                best, margin = (topic, cell, here.value, elsewhere.value), beyond
    if best is not None:
        topic, cell, share, of_others = best
        yield _fact(
            "worst_group",
            topic=topic.name,
            group=cell.key,
            mentions=cell.mentions,
            negative=cell.negative,
            share=share,
            elsewhere=of_others,
        )


def _hidden(hidden: int, good: int, complaints: int) -> Iterator[Fact]:
    if good:
        yield _fact("hidden", hidden=hidden, good=good, complaints=complaints)


def _fact(
    kind: FactKind, topic: str = "", group: str = "", period: str = "", **numbers: float
) -> Fact:
    return Fact(
        kind=kind,
        topic=topic,
        group=group,
        period=period,
        numbers={name: round(float(value), 4) for name, value in numbers.items()},
    )
