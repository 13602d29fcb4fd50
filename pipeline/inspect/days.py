"""Finds the day of a review among the columns of a table or the values of items."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date

from pipeline.crawl.parse.dates import SEOUL, is_relative, parse_date
from pipeline.inspect.guess import DATE_DIGITS, MIN_SHARE, are_dates
from pipeline.inspect.names import words
from pipeline.inspect.scan import ColumnScan, Scan

MIN_READ = 0.5
"""Minimum share of the values of a column named as a date that can be read."""
MAX_RELATIVE = 15
"""Maximum number of characters of a relative date, such as 약 3시간 전; longer ones are texts."""
_WORDS = frozenset(
    {
        *("date", "day", "dt", "dttm", "dtm", "ymd", "ymdt", "time", "datetime", "timestamp", "ts"),
        *("at", "created", "written", "published", "posted"),
    }
)
_NAME = re.compile(
    ".*(?:date|time|ymdt?|dttm|날짜|일자|일시|작성일|등록일)"
    "|(?:created?|review(?:ed)?|reg(?:istered)?|writ(?:e|ten)|post(?:ed)?|published)(?:at|on|ts|dt)"
)
_OTHER = re.compile(
    "updat|modif|edit|delete|visit|stay|order|purchase|check|deliver|birth|join|expire|reply"
    "|방문|구매|주문|수정|투숙|숙박|이용|결제|생년|가입"
)
_OTHER_WORDS = frozenset({"mod", "upd", "del", "pay", "buy", "end", "start", "use", "last"})
"""Words of dates that are not the day of the review."""
_PART = re.compile(r"[^\W\d][\w-]*")
_CLOCK = re.compile(r"[\d:\s]+")


def find_day(scan: Scan, taken: Collection[str] = (), usual: Sequence[str] = ()) -> str:
    """The column with the days of the reviews; empty if there is none.

    A name that says so counts more than values that look like dates. Then timestamps, long numbers
    and relative dates (3일 전) are dates too, as far as a crawl reads them.

    Args:
        scan: The columns, or the values of items by place.
        taken: Columns that are used for something else, or belong to somebody else.
        usual: Columns with a usual name of a date, the most common name first.
    """
    free = [
        name
        for name, column in scan.columns.items()
        if name not in taken and column.filled >= scan.rows / 2
    ]
    others = [name for name in free if _is_other(name)]
    unnamed = [name for name in free if name not in others]
    named = [one for one in dict.fromkeys((*usual, *filter(_is_named, unnamed))) if one in free]
    tries: list[tuple[list[str], Callable[[ColumnScan], bool]]] = [
        (named, are_dates),
        (named, _are_exact),
        (named, _are_read),
        (unnamed, are_dates),
        (unnamed, _are_relative),
        (others, are_dates),
    ]
    return next(
        (name for names, are in tries for name in names if are(scan.columns[name])),
        "",
    )


def _is_named(name: str) -> bool:
    return any(
        not _WORDS.isdisjoint(words(part)) or _NAME.fullmatch("".join(words(part)))
        for part in _parts(name)
    )


def _is_other(name: str) -> bool:
    return any(
        not _OTHER_WORDS.isdisjoint(words(part)) or _OTHER.search("".join(words(part)))
        for part in _parts(name)
    )


def _parts(name: str) -> list[str]:
    """The names in a path, or in a selector without those of the elements around."""
    selector, _, attribute = name.partition("@")
    return _PART.findall(f"{selector.partition(':not(')[0].rpartition(' > ')[2]} {attribute}")


def _are_exact(column: ColumnScan) -> bool:
    """Whether the values are dates with a year, also as timestamps and long numbers."""
    has_year = all(sum(map(str.isdigit, one)) >= DATE_DIGITS for one in column.values)
    return has_year and _share(column) >= MIN_SHARE and not any(map(is_relative, column.values))


def _are_read(column: ColumnScan) -> bool:
    return _share(column) >= MIN_READ


def _are_relative(column: ColumnScan) -> bool:
    """Whether the values are relative dates, whatever their name; a time may be a duration."""
    is_short = all(len(value) <= MAX_RELATIVE for value in column.values)
    relative = [one for one in column.values if is_relative(one) and not _CLOCK.fullmatch(one)]
    return is_short and bool(relative) and _share(column) >= MIN_SHARE


def _share(column: ColumnScan) -> float:
    """Share of the values that are read as dates."""
    read = sum(
        rows for value, rows in column.values.items() if parse_date(value, date.today(), SEOUL)
    )
    return read / max(column.values.total(), 1)
