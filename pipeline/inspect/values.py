"""Counts the ratings and dates of reviews."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.inspect.findings import Inspection
from pipeline.reviews.review import Review

MAX_CELL = 60
"""Maximum number of characters of a cell in the findings."""


def note_values(result: Inspection, reviews: Sequence[Review]) -> None:
    """Add the ratings and the span of the dates to the findings."""
    dates = sorted(one.date for one in reviews if one.date)
    if dates:
        result.first_date, result.last_date = dates[0], dates[-1]
    for rating in sorted((one.rating for one in reviews if one.rating is not None), reverse=True):
        key = f"{rating:g}"
        result.ratings[key] = result.ratings.get(key, 0) + 1
