"""Parser for dates on Korean sites, absolute and relative."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

SEOUL = timezone(timedelta(hours=9))
"""Time zone in which timestamps are converted to dates."""
MIN_YEAR = 1990
"""Earlier dates are placeholders (``0001-01-01``) and ignored."""
MAX_CHARACTERS = 200
"""Number of characters of a field to parse."""

_Reader = Callable[[re.Match[str], date], date]

_COUNTS = {"한": 1, "일": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4}
_DAYS = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4}
_WORDS = {"방금": 0, "오늘": 0, "어제": 1, "그저께": 2, "그제": 2}

_SEPARATOR = r"\s*[./-]\s*"
_EPOCH = re.compile(r"\A(\d{9,10}|\d{12,13})(?:\.\d+)?\Z", re.ASCII)
_COMPACT = re.compile(r"\A(\d{4})(\d\d)(\d\d)(?:T?\d{6}Z?)?\Z", re.ASCII)
_CLOCK = re.compile(r"\A(?:오[전후]\s*)?\d{1,2}:\d\d(?::\d\d)?\Z", re.ASCII)
_FULL = re.compile(
    rf"(?<!\d)(\d{{4}}|\d\d)(?:{_SEPARATOR}|\s*년\s*)(\d{{1,2}})(?:{_SEPARATOR}|\s*월\s*)"
    r"(\d{1,2})(?!\d)",
    re.ASCII,
)
_AGO = re.compile(
    r"(?<!\d)(\d{1,4}|[한일두세석네넉])\s*(초|분|시간|일|주일|주|개월|달|년)\s*전", re.ASCII
)
_DAYS_AGO = re.compile(rf"({'|'.join(_DAYS)})\s*전")
_WORD = re.compile("|".join(_WORDS))
_MONTH_DAY = re.compile(
    rf"\A\D*(?:(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})(?!\d|{_SEPARATOR}\d)"
    r"|(\d{1,2})\s*월\s*(\d{1,2})\s*일)",
    re.ASCII,
)


def parse_date(text: str | float, today: date) -> str:
    """Parse a date.

    Supports full dates (``2026.11.23``, ``26.11.23``, ``2026년 11월 23일``), dates without a year
    (the most recent one up to today), relative dates (``3일 전``, ``한 달 전``, ``방금``,
    ``어제``), times of today (``14:20``), and Unix timestamps in seconds or milliseconds, which
    are converted to dates in Seoul. The time zone of a full date is ignored.

    Args:
        text: Text or number to parse.
        today: Date that relative dates refer to.

    Returns:
        The ISO date, empty if there is none.
    """
    found = _match(text)
    if found is None:
        return ""
    read, match = found
    try:
        parsed = read(match, today)
    except (ValueError, OverflowError):
        return ""
    return parsed.isoformat() if parsed.year >= MIN_YEAR else ""


def is_relative(text: str | float) -> bool:
    """Whether a date is relative to today ("3일 전"), so that its text changes over time."""
    found = _match(text)
    return found is not None and found[0] in (_clock, _ago, _days_ago, _word)


def _match(text: str | float) -> tuple[_Reader, re.Match[str]] | None:
    plain = unicodedata.normalize("NFKC", str(text)[:MAX_CHARACTERS]).strip()
    for pattern, read in _READERS:
        if match := pattern.search(plain):
            return read, match
    return None


def _epoch(match: re.Match[str], today: date) -> date:
    seconds = int(match[1]) / (1000 if len(match[1]) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC).astimezone(SEOUL).date()


def _full(match: re.Match[str], today: date) -> date:
    year, month, day = map(int, match.groups())
    if len(match[1]) == 2:
        year += 2000 if 2000 + year <= today.year + 1 else 1900
    return date(year, month, day)


def _clock(match: re.Match[str], today: date) -> date:
    return today


def _ago(match: re.Match[str], today: date) -> date:
    count, unit = _COUNTS.get(match[1]) or int(match[1]), match[2]
    if unit in ("개월", "달", "년"):
        return _months_before(today, count * (12 if unit == "년" else 1))
    days = {"초": count // 86_400, "분": count // 1_440, "시간": count // 24, "일": count}
    return today - timedelta(days=days.get(unit, 7 * count))


def _months_before(today: date, count: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 - count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


def _days_ago(match: re.Match[str], today: date) -> date:
    return today - timedelta(days=_DAYS[match[1]])


def _word(match: re.Match[str], today: date) -> date:
    return today - timedelta(days=_WORDS[match[0]])


def _month_day(match: re.Match[str], today: date) -> date:
    month, day = (int(part) for part in match.groups() if part)
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_EPOCH, _epoch),
    (_COMPACT, _full),
    (_CLOCK, _clock),
    (_FULL, _full),
    (_AGO, _ago),
    (_DAYS_AGO, _days_ago),
    (_MONTH_DAY, _month_day),
    (_WORD, _word),
)
