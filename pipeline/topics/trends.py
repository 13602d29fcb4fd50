"""What changed from one period to the next."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.topics.intervals import difference, wilson
from pipeline.topics.records import Cell, Part, Trend

MIN_REVIEWS = 20
"""Minimum number of reviews in each of the two periods."""
MIN_MENTIONS = 5
"""Minimum number of mentions in each period to compare the shares of complaint."""


def last_trend(periods: Sequence[Part], cells: Sequence[Cell]) -> Trend | None:
    """Compare the last two periods; None with too few of them, or too few reviews in either.

    Args:
        periods: The periods in order.
        cells: The topic's mentions in each.
    """
    if len(periods) < 2 or min(periods[-1].reviews, periods[-2].reviews) < MIN_REVIEWS:
        return None
    before, after = cells[-2:]
    complaint = None
    if min(before.mentions, after.mentions) >= MIN_MENTIONS:
        complaint = difference(
            wilson(before.negative, before.mentions), wilson(after.negative, after.mentions)
        )
    return Trend(
        before=before.key,
        after=after.key,
        complaint_change=complaint,
        mention_change=difference(
            wilson(before.mentions, periods[-2].reviews),
            wilson(after.mentions, periods[-1].reviews),
        ),
    )
