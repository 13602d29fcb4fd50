"""Guesses which values of the items of a list are the fields of a review."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pipeline.crawl.parse.ratings import parse_rating
from pipeline.crawl.sites.sides import SIDES
from pipeline.inspect.days import find_day
from pipeline.inspect.guess import (
    MIN_SHARE,
    MIN_TEXT_CHARACTERS,
    are_dates,
    are_labels,
    guess_text,
    have_usual_scale,
)
from pipeline.inspect.identity import find_id
from pipeline.inspect.items import Items
from pipeline.inspect.scan import ColumnScan
from pipeline.storage.column_names import usual_columns

LONG = 20
"""Minimum mean length of the texts of reviews that have neither ratings nor dates."""

_Check = Callable[[ColumnScan], bool]


class Fields(NamedTuple):
    """The places of the fields of a review that were found.

    Attributes:
        places: Place of each field; ``text`` is always there, or ``pros`` and ``cons``.
        rows: Number of items.
        korean: Share of the texts that contain Hangul.
        characters: Mean length of the texts.
    """

    places: Mapping[str, str]
    rows: int
    korean: float
    characters: float

    @property
    def are_reviews(self) -> bool:
        """Whether these may be reviews, and not for instance links to other pages."""
        has_more = not {"rating", "label", "date", "pros"}.isdisjoint(self.places)
        return self.korean > 0.5 and (has_more or self.characters >= LONG)

    @property
    def quality(self) -> tuple[bool, bool, int]:
        """The better of two lists of reviews has the higher value."""
        has_answer = not {"rating", "label", "pros"}.isdisjoint(self.places)
        return has_answer, "date" in self.places, self.rows


def guess_fields(items: Items) -> Fields | None:
    """Guess the places of the fields by their names and values.

    Args:
        items: The values of the items.

    Returns:
        The fields; None if the items do not look like reviews.
    """
    scan, places = items.scan, _sides(items)
    guessed = "" if places else _text_by_values(items)
    _add("text", places, items, _may_be_text, lambda one: one is scan.columns.get(guessed))
    if not places:
        return None
    taken = {*places.values(), *items.others}
    if day := find_day(scan, taken, list(_usual("date", items))):
        places["date"] = day  # before the rating, which 3일 전 would be else
    _add("rating", places, items, _have_numbers, have_usual_scale)
    _add("label", places, items, are_labels, are_labels)
    if identity := find_id(items, places.values()):
        places["id"] = identity
    if group := _group(items, places):
        places["group"] = group
    text = scan.columns[places.get("text") or places["pros"]]
    filled = max(text.filled, 1)
    found = Fields(places, scan.rows, text.korean / filled, text.characters / filled)
    return found if found.are_reviews else None


def _add(
    field: str, places: dict[str, str], items: Items, may_be: _Check, looks_like: _Check
) -> None:
    """Add the place of a field, if there is one with a usual name or with values of its kind."""
    columns = items.scan.columns
    usual = (one for one in _usual(field, items) if may_be(columns[one]))
    alike = (one for one, column in columns.items() if looks_like(column))
    found = sorted((*usual, *alike), key=lambda one: one in items.others)
    taken = {*places.values(), *(items.others if field == "text" else ())}
    for place in found:
        if place not in taken and columns[place].filled >= items.scan.rows / 2:
            places[field] = place
            return


def _sides(items: Items) -> dict[str, str]:
    """What the reviewers liked, and what not; only if both have a usual name."""
    found = {
        side: place
        for side in SIDES
        for place in list(_usual(side, items))[:1]
        if items.scan.columns[place].korean > items.scan.columns[place].filled / 2
    }
    return found if len(found) == len(SIDES) else {}


def _text_by_values(items: Items) -> str:
    """The place of the longest texts; inner places count only if there is no other text."""
    inner = {*items.inner, *items.others}
    return guess_text(items.scan, inner) or guess_text(items.scan, items.others)


def _group(items: Items, taken: Mapping[str, str]) -> str:
    """The place of what is reviewed; empty if it is not found."""
    return next(
        (
            place
            for place in _usual("group", items)
            if place not in taken.values() and items.scan.columns[place].filled == items.scan.rows
        ),
        "",
    )


def _usual(field: str, items: Items) -> Iterator[str]:
    for one in items.names:
        for name in usual_columns(field, one):
            yield one[name]


def _may_be_text(column: ColumnScan) -> bool:
    is_long = column.characters >= MIN_TEXT_CHARACTERS * column.filled
    return is_long and not are_dates(column) and not _have_numbers(column)


def _have_numbers(column: ColumnScan) -> bool:
    """Whether the values are ratings, even if all of them are equal."""
    read = sum(rows for value, rows in column.values.items() if parse_rating(value))
    return not column.further and 0 < MIN_SHARE * column.filled <= read
