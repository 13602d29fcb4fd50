"""Facts that stand out in a report, as data for its first sentences.

A reported change or group is the most extreme of many. So it counts only if it is significant after
correction for their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.topics.chance import beyond, excess
from pipeline.topics.intervals import difference, wilson
from pipeline.topics.records import Fact, FactKind, Part, Topic

MIN_MENTIONS = 10
MIN_SHARE = 0.01
"""Minimum share of reviews that mention a topic, in addition to :data:`MIN_MENTIONS`."""
MIN_CELL = 5
"""Minimum number of mentions of a topic in a group, and in all other groups."""


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
    """The topic with the highest share of praise, by the lower bound of its interval."""
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
    """The topic whose share of complaint changed most, among the significant changes."""
    compared = [
        (topic.trend.complaint_change, topic, topic.by_period[-2], topic.by_period[-1])
        for topic in topics
        if topic.trend and topic.trend.complaint_change
    ]
    if not compared:
        return
    counts = np.array(
        [(new.negative, new.mentions, old.negative, old.mentions) for _, _, old, new in compared]
    ).T
    rose, fell = excess(*counts), excess(*counts[[2, 3, 0, 1]])
    sure = beyond(2 * np.minimum(rose, fell))
    margins = {number: max(compared[number][0].low, -compared[number][0].high) for number in sure}
    if margins:
        change, topic, before, after = compared[max(margins, key=margins.__getitem__)]
        yield _fact(
            "changed",
            topic=topic.name,
            period=after.key,
            before=before.negative / before.mentions,
            after=after.negative / after.mentions,
            change=change.value,
            low=change.low,
            high=change.high,
        )


def _worst_group(topics: Sequence[Topic], groups: Sequence[Part]) -> Iterator[Fact]:
    """The group and topic whose excess share of complaint over other groups is most significant."""
    shown = {group.key for group in groups}
    compared = [
        (topic, cell, topic.negative - cell.negative, topic.mentions - cell.mentions)
        for topic in topics
        for cell in topic.by_group
        if cell.key in shown and min(cell.mentions, topic.mentions - cell.mentions) >= MIN_CELL
    ]
    if not compared:
        return
    counts = np.array([(cell.negative, cell.mentions, *rest) for _, cell, *rest in compared]).T
    margins = {
        number: difference(wilson(*counts[2:, number]), wilson(*counts[:2, number])).low
        for number in beyond(excess(*counts))
    }
    if margins:
        topic, cell, negative, mentions = compared[max(margins, key=margins.__getitem__)]
        yield _fact(
            "worst_group",
            topic=topic.name,
            group=cell.key,
            mentions=cell.mentions,
            negative=cell.negative,
            share=cell.negative / cell.mentions,
            elsewhere=negative / mentions,
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
