"""How the reviews of a list are sorted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipeline.reviews.review import Review

_ID_DIGITS = 40
_ASCENDING_SHARE = 0.8
"""Minimum share of ascending steps in a list that begins with the oldest reviews."""
_MIXED_SHARE = 0.25
"""Minimum share of them in a list that is not sorted; a few pinned reviews do not reach it."""
_MIXED_STEPS = 5
"""Minimum number of steps to conclude that a list is not sorted."""


class Order(NamedTuple):
    """How the reviews of a list are sorted, as far as its pages show.

    Attributes:
        rises: Number of reviews that are newer than the one before them.
        falls: Number of reviews that are older.
        is_by_id: Whether numeric ids were compared instead of dates.
    """

    rises: int = 0
    falls: int = 0
    is_by_id: bool = False

    def extended(self, other: Order) -> Order:
        """The order after one more page; dates take precedence over ids."""
        if self.is_by_id != other.is_by_id:
            return min(self, other, key=lambda one: (not one.rises + one.falls, one.is_by_id))
        return Order(self.rises + other.rises, self.falls + other.falls, self.is_by_id)

    @property
    def is_oldest_first(self) -> bool:
        """Whether the list begins with the oldest reviews."""
        steps = self.rises + self.falls
        return steps > 1 and self.rises >= _ASCENDING_SHARE * steps

    @property
    def is_mixed(self) -> bool:
        """Whether the list is not sorted by date."""
        steps = self.rises + self.falls
        enough = steps >= _MIXED_STEPS and self.rises >= _MIXED_SHARE * steps
        return enough and not self.is_by_id and not self.is_oldest_first

    @property
    def problem(self) -> str:
        """Why new reviews may be anywhere in the list; empty if they are at the beginning."""
        if self.is_oldest_first:
            return "a list begins with the oldest reviews"
        return "a list is not sorted by date" if self.is_mixed else ""


NO_ORDER = Order()


def order_of(reviews: Sequence[Review]) -> Order:
    """How the reviews of a page are sorted: by date, or by numeric id if the dates are equal."""
    dates = [review.date for review in reviews if review.date]
    ids = [review.review_id for review in reviews if review.review_id.isdecimal()]
    for values in (dates, [one.zfill(_ID_DIGITS) for one in ids]):
        steps = [later > earlier for earlier, later in pairwise(values) if later != earlier]
        if steps:
            return Order(sum(steps), len(steps) - sum(steps), values is not dates)
    return NO_ORDER
