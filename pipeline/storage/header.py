"""Finds the row with the names of the columns, below rows of titles if there are some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, dropwhile, islice
from typing import Any, NamedTuple

from pipeline.storage.column_names import usual_columns

MAX_TITLE_ROWS = 20
"""Maximum number of rows above the header."""
ANSWERS_AND_MORE = ("label", "rating", "date", "group", "id")

Record = tuple[int, Sequence[Any]]
"""Number of a row or line, and its cells."""


class Header(NamedTuple):
    """The header of a table.

    Attributes:
        cells: The names of the columns.
        row: Number of the row or line, 0 for an empty table.
        titles: Number of rows with titles above it.
        rest: The rows below it.
    """

    cells: Sequence[Any]
    row: int
    titles: int
    rest: Iterator[Record]


def take_header(records: Iterable[Record]) -> Header:
    """Split off the header: the first row that is not blank, unless it is a title.

    Exports of shops and offices often begin with titles, such as the name of the report and its
    period. The header is then the first row that is wider than all rows above it and has the usual
    name of a text column and of another one. A first row of several cells with the name of a text
    column is no title.
    """
    rows = dropwhile(lambda one: not trimmed(one[1]), records)
    begin = list(islice(rows, 1))
    if not begin:
        return Header((), 0, 0, iter(()))
    at = 0
    _, first = begin[0]
    if len(trimmed(first)) == 1 or not _names("text", first):
        begin += islice(rows, MAX_TITLE_ROWS)
        widths = [len(trimmed(cells)) for _, cells in begin]
        later = (
            number
            for number, (_, cells) in enumerate(begin[1:], 1)
            if widths[number] > max(widths[:number]) and _names_columns(cells)
        )
        at = next(later, 0)
    row, cells = begin[at]
    return Header(cells, row, at, chain(begin[at + 1 :], rows))


def trimmed(cells: Sequence[Any]) -> Sequence[Any]:
    """The cells up to the last one that has a value."""
    end = len(cells)
    while end and cells[end - 1] in (None, ""):
        end -= 1
    return cells[:end]


def _names_columns(cells: Sequence[Any]) -> bool:
    return _names("text", cells) and any(_names(field, cells) for field in ANSWERS_AND_MORE)


def _names(field: str, cells: Sequence[Any]) -> bool:
    return bool(usual_columns(field, (cell for cell in cells if isinstance(cell, str))))
