"""How the reviews of a list are sorted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipeline.crawl.sites.list_order import Order, order_of
from pipeline.reviews.review import Review


@pytest.mark.parametrize(
    ("dates", "ids", "expected"),
    [
        (["2026-01-01", "2026-01-02", "2026-01-05"], "abc", True),
        (["2026-01-05", "2026-01-02", "2026-01-01"], "abc", False),
        (["2026-01-05", "2026-01-02", "2026-01-01"], "123", False),
        (["", "", ""], ["9", "10", "11"], True),
        (["", "", ""], ["11", "10", "9"], False),
        (["2026-01-01"] * 3, ["1", "2", "3"], True),
        (["", "", ""], "abc", False),
        (["", "", ""], ["9" * 5000, "10", "3"], False),
        (["", ""], ["1", "2"], False),
        ([], [], False),
    ],
)
def test_order_of_a_list(dates: list[str], ids: Sequence[str], expected: bool) -> None:
    reviews = [
        Review(source="s", review_id=one, text="글", date=day)
        for day, one in zip(dates, ids, strict=True)
    ]
    assert order_of(reviews).is_oldest_first == expected


@pytest.mark.parametrize(
    ("days", "is_mixed"),
    [
        ([9, 2, 7, 1, 8, 3], True),
        ([9, 8, 7, 6, 5, 4, 3], False),
        ([2, 5, 9, 8, 7, 7, 6, 5, 4, 3, 2, 1], False),  # two pinned reviews
        ([9, 2, 7], False),
        ([1, 2, 3, 4, 5, 6, 7], False),
    ],
)
def test_list_that_is_not_sorted(days: Sequence[int], is_mixed: bool) -> None:
    reviews = [
        Review(source="s", review_id=str(place), text="글", date=f"2026-01-{day:02}")
        for place, day in enumerate(days)
    ]
    assert order_of(reviews).is_mixed == is_mixed
    halves = order_of(reviews[: len(days) // 2 + 1]), order_of(reviews[len(days) // 2 :])
    assert halves[0].extended(halves[1]).is_mixed == is_mixed


def test_dates_count_more_than_ids() -> None:
    by_date, by_id = Order(rises=0, falls=3), Order(rises=9, falls=0, is_by_id=True)
    assert by_id.extended(by_date) == by_date.extended(by_id) == by_date
    assert Order().extended(by_id) == by_id.extended(Order()) == by_id
