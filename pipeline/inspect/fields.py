"""Guesses which values of the items of a list are the fields of a review."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from pipeline.crawl.parse.ratings import parse_rating
from pipeline.crawl.sites.sides import SIDES
from pipeline.inspect.guess import (
    MIN_SHARE,
    MIN_TEXT_CHARACTERS,
    are_dates,
    are_labels,
    guess_text,
    have_usual_scale,
)
from pipeline.inspect.scan import ColumnScan, Scan
from pipeline.storage.column_names import usual_columns

LONG = 20
"""Minimum mean length of the texts of reviews that have neither ratings nor dates."""

Names = Mapping[str, str]
"""Places of values by their name."""


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


def guess_fields(scan: Scan, *names: Names) -> Fields | None:
    """Guess the places of the fields by their names and values.

    Args:
        scan: The values of the items by place.
        *names: Names of places; the first mapping that has a usual name is used.

    Returns:
        The fields; None if the items do not look like reviews.
    """
    places = _sides(scan, names)
    checks: Mapping[str, tuple[Callable[[ColumnScan], bool], Callable[[ColumnScan], bool]]] = {
        "text": (_may_be_text, lambda column: column is scan.columns.get(guess_text(scan))),
        "rating": (_have_numbers, have_usual_scale),
        "label": (are_labels, are_labels),
        "date": (are_dates, are_dates),
    }
    for field, (may_be, looks_like) in checks.items():
        usual = (one for one in _usual(field, names) if may_be(scan.columns[one]))
        is_open = field != "text" or not places
        others = (one for one, column in scan.columns.items() if is_open and looks_like(column))
        for place in (*usual, *others):
            if place not in places.values() and _is_filled(scan, place):
                places[field] = place
                break
        if field == "text" and not places:
            return None
    places |= _identities(scan, names, places)
    text = scan.columns[places.get("text") or places["pros"]]
    filled = max(text.filled, 1)
    found = Fields(places, scan.rows, text.korean / filled, text.characters / filled)
    return found if found.are_reviews else None


def _sides(scan: Scan, names: tuple[Names, ...]) -> dict[str, str]:
    """What the reviewers liked, and what not; only if both have a usual name."""
    found = {
        side: place
        for side in SIDES
        for place in list(_usual(side, names))[:1]
        if scan.columns[place].korean > scan.columns[place].filled / 2
    }
    return found if len(found) == len(SIDES) else {}


def _identities(scan: Scan, names: tuple[Names, ...], taken: Mapping[str, str]) -> Names:
    """The id, which differs between all items, and the group."""
    found: dict[str, str] = {}
    for field in ("id", "group"):
        for place in _usual(field, names):
            column = scan.columns[place]
            is_unique = len(column.values) == scan.rows or column.further > 0
            if (
                place not in taken.values()
                and column.filled == scan.rows
                and (field == "group" or is_unique)
            ):
                found.setdefault(field, place)
    return found


def _usual(field: str, names: tuple[Names, ...]) -> Iterator[str]:
    for one in names:
        for name in usual_columns(field, one):
            yield one[name]


def _is_filled(scan: Scan, place: str) -> bool:
    return scan.columns[place].filled >= scan.rows / 2


def _may_be_text(column: ColumnScan) -> bool:
    is_long = column.characters >= MIN_TEXT_CHARACTERS * column.filled
    return is_long and not are_dates(column) and not _have_numbers(column)


def _have_numbers(column: ColumnScan) -> bool:
    """Whether the values are ratings, even if all of them are equal."""
    read = sum(rows for value, rows in column.values.items() if parse_rating(value))
    return not column.further and 0 < MIN_SHARE * column.filled <= read
