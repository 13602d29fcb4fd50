"""Reviews without an id whose relative date ("3일 전") has become a date ("2026-11-28")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from pipeline.reviews.review import Review, day_of
from pipeline.reviews.tables import stored_reviews

NEAR_DAYS = 7
"""Most days between both dates: sites round relative dates down, to a week at most when recent."""


def with_stored_ids(
    connection: sa.Connection, source: str, reviews: Sequence[Review]
) -> list[Review]:
    """The reviews, each under the id that it was stored with while its date was relative.

    Args:
        connection: Connection of the caller's transaction.
        source: Name of the source.
        reviews: Reviews of one page.
    """
    undated = {one.undated_id for one in reviews if one.undated_id}
    if not undated:
        return list(reviews)
    columns = [stored_reviews.c[name] for name in ("review_id", "aspect", "date")]
    query = sa.select(*columns).where(
        stored_reviews.c.source == source, stored_reviews.c.review_id.in_(undated)
    )
    days = {(row.review_id, row.aspect): row.date for row in connection.execute(query)}
    return [
        replace(one, review_id=one.undated_id)
        if _are_near(one.date, days.get((one.undated_id, one.aspect), ""))
        else one
        for one in reviews
    ]


def _are_near(one: str, other: str) -> bool:
    if not (one and day_of(other)):
        return False
    return abs((date.fromisoformat(one) - date.fromisoformat(other)).days) <= NEAR_DAYS
