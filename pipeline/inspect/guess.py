"""Guesses from its values what a column without a usual name contains."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from pipeline.crawl.parse.dates import SEOUL, parse_date
from pipeline.crawl.parse.label_schemes import is_number, number_scheme, value_key
from pipeline.crawl.parse.label_words import WORDS
from pipeline.crawl.parse.ratings import parse_rating
from pipeline.inspect.names import is_of_other, is_of_reply
from pipeline.inspect.scan import ColumnScan, Scan
from pipeline.storage.cells import cell_text
from pipeline.storage.column_names import usual_columns
from pipeline.storage.columns import looks_headerless

MIN_TEXT_CHARACTERS = 4
"""Minimum mean length of values that may be reviews."""
MAX_LABELS = 10
HIGHEST_RATING = 10
USUAL_HIGHEST = (5, 10)
"""Highest ratings of usual scales; numbers without a usual name that end elsewhere are no rating,
but for instance likes."""
MIN_SHARE = 0.95
DATE_DIGITS = 6
_LONG_NUMBER = re.compile(r"\d{9,}")
_NUMERIC = re.compile(r"[\d\s.,:/★☆⭐½점개별년월일오전후TZ+-]+")
"""A number, a rating or a date."""
_COPY = re.compile(r"#\d+$")
"""Suffix of a column whose name occurs twice."""


def has_header(scan: Scan) -> bool:
    """Whether the first line of a table names the columns.

    Not if a name looks like a value, unless a column of numbers or dates has a name in words, as
    in surveys, whose names are long questions.
    """
    return not looks_headerless(scan.names) or any(
        _is_named(name, scan.columns[name]) for name in scan.names if name in scan.columns
    )


def _is_named(name: str, column: ColumnScan) -> bool:
    written = cell_text(_COPY.sub("", name))
    numeric = sum(rows for value, rows in column.values.items() if _NUMERIC.fullmatch(value))
    is_numeric = 0 < MIN_SHARE * column.values.total() <= numeric
    return is_numeric and bool(written) and not _NUMERIC.fullmatch(written)


def guess_text(scan: Scan, taken: Collection[str] = ()) -> str:
    """The column whose values look like reviews (the longest with Hangul); empty if none does.

    Columns with less than half as many values as another one are left out: replies and remarks.
    """
    korean = {
        name: column
        for name, column in scan.columns.items()
        if name not in taken and column.korean > column.filled / 2
    }
    most = max((column.filled for column in korean.values()), default=0)
    lengths = {
        name: column.characters / column.filled
        for name, column in korean.items()
        if column.filled >= most / 2
    }
    longest = max(lengths, key=lambda name: lengths[name], default="")
    return longest if longest and lengths[longest] >= MIN_TEXT_CHARACTERS else ""


def find_nested(scan: Scan, field: str) -> str:
    """Path of the first value within objects that has a usual name, or whose object has one.

    Empty if there is none. Values of a reply do not count, nor the id of a person.
    """
    nested = (name for name in scan.columns if name not in scan.names and "." in name)
    paths = [name for name in nested if not any(map(is_of_reply, name.split(".")))]
    if field in ("id", "text", "date"):
        paths = [name for name in paths if not any(map(is_of_other, name.split(".")))]
    by_end = {path.rpartition(".")[2]: path for path in reversed(paths)}
    by_begin = {path.partition(".")[0]: path for path in reversed(paths)}
    return next(
        (ends[one] for ends in (by_end, by_begin) for one in usual_columns(field, ends)), ""
    )


def guess_answers(scan: Scan, taken: Collection[str]) -> dict[str, str]:
    """The first column whose values look like labels, and the first that looks like ratings.

    Args:
        scan: The table.
        taken: Columns that are used for something else.

    Returns:
        The columns by field, ``label`` and ``rating``, as far as they were found.
    """
    found: dict[str, str] = {}
    for name, column in scan.columns.items():
        if name in taken or not column.values or column.further:
            continue
        kind = "label" if are_labels(column) else "rating" if are_ratings(column) else ""
        if kind:
            found.setdefault(kind, name)
    return found


def guess_date(scan: Scan, taken: Collection[str]) -> str:
    """The first column whose values are dates with a year; empty if there is none."""
    days = (name for name, one in scan.columns.items() if name not in taken and are_dates(one))
    return next(days, "")


def guess_names(scan: Scan) -> list[str]:
    """Names for the columns of a table without a header, by their likely content or a number."""
    text = guess_text(scan)
    fields = {column: field for field, column in guess_answers(scan, [text]).items()}
    fields[text] = "text"
    if date_column := guess_date(scan, fields):
        fields[date_column] = "date"
    return [fields.get(name, f"column{number}") for number, name in enumerate(scan.names, 1)]


def are_dates(column: ColumnScan) -> bool:
    """Whether the values are dates with a year; long numbers do not count, they may be ids."""
    read = sum(
        rows
        for value, rows in column.values.items()
        if sum(map(str.isdigit, value)) >= DATE_DIGITS
        and not _LONG_NUMBER.fullmatch(value)
        and parse_date(value, date.today(), SEOUL)
    )
    return read > 0 and read >= MIN_SHARE * column.values.total()


def are_labels(column: ColumnScan) -> bool:
    """Whether the values are labels with a known meaning."""
    keys = set(map(value_key, column.values))
    numbers = {key for key in keys if is_number(key)}
    is_scheme = not numbers or (len(numbers) > 1 and number_scheme([numbers]) is not None)
    return 1 < len(keys) <= MAX_LABELS and is_scheme and keys - numbers <= WORDS.keys()


def are_ratings(column: ColumnScan) -> bool:
    """Whether the values are ratings: numbers up to 10, most of which occur more than once."""
    ratings = [parse_rating(value) for value in column.values]
    read = sum(
        rows
        for rating, rows in zip(ratings, column.values.values(), strict=True)
        if rating and 0 <= rating.number <= HIGHEST_RATING
    )
    is_repeated = len(column.values) < column.filled or column.filled <= HIGHEST_RATING
    return len(column.values) > 1 and is_repeated and read >= MIN_SHARE * column.filled


def have_usual_scale(column: ColumnScan) -> bool:
    """Whether the values are ratings of which the highest is that of a usual scale."""
    if not are_ratings(column):
        return False
    found = map(parse_rating, column.values)
    return max(one.out_of or one.number for one in found if one) in USUAL_HIGHEST
