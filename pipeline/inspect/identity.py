"""Finds the id of a review among the values of the items of a list."""

from __future__ import annotations

import re
from collections.abc import Collection

from pipeline.inspect.items import Items
from pipeline.inspect.names import words
from pipeline.inspect.scan import ColumnScan

_NUMBER = "(?:id|no|num|number|seq|sequence|idx|key|srl|sn|uuid|pk|번호)"
_OF_REVIEW = re.compile(
    "(?:.*(?:review|rvw|reply|comment|cmt|post|article|document|board|bbs|write|opinion|feedback"
    "|eval(?:uation)?|estimate|memo|epilogue|postscript|리뷰|후기|평가|댓글|게시글?|상품평)글?"
    f"|r|rv|rev|wr|is){_NUMBER}"
)
_BARE = re.compile(f"{_NUMBER}|unum")
_LAST_NUMBER = re.compile(r"(\d+)\D*\Z")


def find_id(items: Items, taken: Collection[str]) -> str:
    """The place of an id that differs between all items of a page; empty if there is none.

    The id of a person or of a product is not the review's: the next review of the same person
    would replace the first one, and the store would keep the person's account.

    Args:
        items: The items.
        taken: Places that are used for something else.
    """
    ranked = [
        (rank, place)
        for place, column in items.scan.columns.items()
        if place not in taken
        and (rank := _rank(items, place)) is not None
        and _identifies(column, items.scan.rows)
    ]
    return min(ranked, key=lambda one: one[0], default=(0, ""))[1]


def _rank(items: Items, place: str) -> int | None:
    """How surely a place is named as the id of a review, from 0; None if it is not."""
    if place in items.others:
        return None
    parts = words(items.called[place].removeprefix("data-"))
    plain = "".join(parts)
    if _OF_REVIEW.fullmatch(plain):
        return 0
    if place not in items.own:
        return None
    if _BARE.fullmatch(plain):
        return 1 if plain == "id" else 2
    is_attribute = place.startswith("@")
    return 3 if is_attribute and re.search(f"{_NUMBER}$", plain) else None


def _identifies(column: ColumnScan, rows: int) -> bool:
    """Whether the values differ between all items, and neither count them nor are masked names."""
    is_unique = len(column.values) == rows or column.further > 0
    if column.filled != rows or not is_unique or any("*" in value for value in column.values):
        return False
    numbers = [int(match[1]) for one in column.values if (match := _LAST_NUMBER.search(one))]
    return numbers not in (list(range(rows)), list(range(1, rows + 1)))
