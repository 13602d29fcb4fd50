"""Periods as a user names them: ``2026``, ``2026-Q3``, ``2026-10``, ``last 90 days``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

_CALENDAR = re.compile(r"([12]\d{3})(?:-(?:[Qq]([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
_LAST = re.compile(r"last\s+([1-9]\d{0,3})\s+days?", re.ASCII | re.IGNORECASE)
FORMS = "2026, 2026-Q3, 2026-10 or 'last 90 days'"


@dataclass(frozen=True)
class Span:
    """Days from ``first`` to ``last``, both included.

    Attributes:
        first: ISO date.
        last: ISO date; for a calendar period it may be a day 31 that does not exist.
        key: Key of a calendar period as in ``topics.json``; empty for a number of days.
        is_last: Whether it is a number of days up to the newest review.
    """

    first: str
    last: str
    key: str = ""
    is_last: bool = False

    @property
    def length(self) -> int:
        """Number of days; only for periods given as a number of days."""
        first, last = map(date.fromisoformat, (self.first, self.last))
        return (last - first).days + 1

    def before(self) -> Span:
        """The period of the same length before this one."""
        if not self.key:
            return _days(date.fromisoformat(self.first).toordinal() - 1, self.length)
        months = 3 if "Q" in self.key else 12 if len(self.key) == 4 else 1
        begin = 12 * int(self.first[:4]) + int(self.first[5:7]) - 1 - months
        return _months(begin, months)


def read_span(text: str, newest: str) -> Span | None:
    """The period that a text names; None if it names none.

    Args:
        text: What the user wrote.
        newest: Last day (ISO date) of a period such as ``last 90 days``; empty if unknown.
    """
    text = text.strip()
    if found := _LAST.fullmatch(text):
        if not newest:
            return None
        span = _days(date.fromisoformat(newest).toordinal(), int(found[1]))
        return replace(span, is_last=True)
    if not (found := _CALENDAR.fullmatch(text)):
        return None
    year, quarter, month = found.groups()
    begin = 12 * int(year)
    if quarter:
        return _months(begin + 3 * int(quarter) - 3, 3)
    return _months(begin + int(month) - 1, 1) if month else _months(begin, 12)


def _days(last: int, count: int) -> Span:
    """The last ``count`` days up to an ordinal day."""
    first, last = max(1, last - count + 1), max(1, last)
    return Span(date.fromordinal(first).isoformat(), date.fromordinal(last).isoformat())


def _months(begin: int, count: int) -> Span:
    """A year, quarter or month that begins with a month, counted from the year 0."""
    year, month = begin // 12, begin % 12 + 1
    key = {12: f"{year:04}", 3: f"{year:04}-Q{(month + 2) // 3}", 1: f"{year:04}-{month:02}"}[count]
    last = begin + count - 1
    return Span(f"{year:04}-{month:02}-01", f"{last // 12:04}-{last % 12 + 1:02}-31", key)
