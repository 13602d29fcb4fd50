"""Parser for dates on Korean sites and in files, absolute and relative."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")
MIN_YEAR, MAX_YEAR = 1990, 2099
"""Other years are placeholders (``0001-01-01``, ``9999-12-31``) and ignored."""
MAX_CHARACTERS = 200
"""Maximum number of characters of a field to parse."""

_Reader = Callable[[re.Match[str], date], date]

_COUNTS = {"한": 1, "일": 1, "두": 2, "세": 3, "석": 3, "네": 4, "넉": 4}
_DAYS = {"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4}
_WORDS = {"방금": 0, "오늘": 0, "어제": 1, "그저께": 2, "그제": 2}
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_SEPARATOR = r"\s*[./-]\s*"
_MONTH_NAME = "|".join(["sept", *(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)])
_EPOCH = re.compile(r"\A(\d{9,10}|\d{12,13})(?:\.\d+)?\Z", re.ASCII)
_COMPACT = re.compile(
    r"\A((?:19|20)\d\d)(\d\d)(\d\d)(?=(?:\.0*)?\Z|[T ]?\d\d:?\d\d(?:\D|\d\d(?!\d)|\Z))", re.ASCII
)
_CLOCK = re.compile(r"\A(?:오[전후]\s*)?\d{1,2}:\d\d(?::\d\d)?\Z", re.ASCII)
_FULL = re.compile(
    rf"(?<!\d)(\d{{4}}|\d\d)(?:{_SEPARATOR}|\s*년\s*)(\d{{1,2}})(?:{_SEPARATOR}|\s*월\s*)"
    r"(\d{1,2})(?!\d)",
    re.ASCII,
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH_NAME})\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})(?!\d)", re.ASCII | re.I
)
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[\s-]+({_MONTH_NAME})\.?,?[\s-]+(\d{{4}})(?!\d)",
    re.ASCII | re.I,
)
_AGO = re.compile(
    r"(?<!\d)(\d{1,4}|[한일두세석네넉])\s*(초|분|시간|일|주일|주|개월|달|년)\s*전(?![가-힣])",
    re.ASCII,
)
_DAYS_AGO = re.compile(rf"({'|'.join(_DAYS)})\s*전(?![가-힣])")
_WORD = re.compile(rf"(?<![가-힣])({'|'.join(_WORDS)})(?:\s*전)?(?![가-힣])")
_MONTH_DAY = re.compile(
    rf"\A\D*(?:(\d{{1,2}}){_SEPARATOR}(\d{{1,2}})(?!\d|{_SEPARATOR}\d|점)"
    r"|(\d{1,2})\s*월\s*(\d{1,2})\s*일)",
    re.ASCII,
)
_ZONED = re.compile(
    r"(?:T|,?\s*)(\d{1,2}):?(\d\d)(?::?\d\d(?:[.,]\d+)?)?\s*"
    r"(?:(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?|Z|UTC|GMT)(?![\w:])",
    re.ASCII,
)
"""Time and zone that follow a date."""


def parse_date(written: object, today: date, zone: tzinfo = SEOUL) -> str:
    """Parse a date.

    Supports full dates (``2026.11.23``, ``26.11.23``, ``2026년 11월 23일``, ``20261123``,
    ``Nov 23, 2026``), dates without a year (the most recent one up to today), relative dates
    (``3일 전``, ``한 달 전``, ``방금``, ``어제``), times of today (``14:20``), and Unix timestamps
    in seconds or milliseconds. Timestamps and times with a zone (``2026-11-22T16:00:00Z``) give
    the date in ``zone``; a time without one gives the date as it is written.

    Forms that do not tell the order of day, month and year (``03/07/2026``, ``03/07/26``) and
    serial numbers of a spreadsheet (``45123``) are not read as dates.

    Args:
        written: Text, number, date or time to parse.
        today: Date that relative dates refer to.
        zone: Time zone of the result.

    Returns:
        The ISO date, empty if there is none.
    """
    plain = _plain(written)
    found = _match(plain, is_number=isinstance(written, int | float))
    if found is None:
        return ""
    read, match = found
    try:
        parsed = read(match, today)
        if zoned := _ZONED.match(plain, match.end()):
            parsed = _moment(parsed, zoned)
        if isinstance(parsed, datetime):
            parsed = parsed.astimezone(zone).date()
    except (ValueError, OverflowError):
        return ""
    return parsed.isoformat() if MIN_YEAR <= parsed.year <= MAX_YEAR else ""


def is_relative(written: object) -> bool:
    """Whether a date is relative to today ("3일 전"), so that its text changes over time."""
    found = _match(_plain(written), is_number=isinstance(written, int | float))
    return found is not None and found[0] in (_clock, _ago, _days_ago, _word)


def _plain(written: object) -> str:
    return unicodedata.normalize("NFKC", str(written)[:MAX_CHARACTERS]).strip()


def _match(plain: str, *, is_number: bool) -> tuple[_Reader, re.Match[str]] | None:
    for pattern, read in _READERS[:_OF_NUMBERS] if is_number else _READERS:
        if match := pattern.search(plain):
            return read, match
    return None


def _epoch(match: re.Match[str], today: date) -> datetime:
    seconds = int(match[1]) / (1000 if len(match[1]) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _full(match: re.Match[str], today: date) -> date:
    year, month, day = map(int, match.groups())
    if len(match[1]) == 2:
        if "/" in match[0] and year <= 12:
            raise ValueError("the first number may be a month or a day")
        year += 2000 if 2000 + year <= today.year + 1 else 1900
    return date(year, month, day)


def _month_first(match: re.Match[str], today: date) -> date:
    return _named(match[3], match[1], match[2])


def _day_first(match: re.Match[str], today: date) -> date:
    return _named(match[3], match[2], match[1])


def _named(year: str, month: str, day: str) -> date:
    number = 1 + [name[:3] for name in _MONTHS].index(month[:3].lower())
    return date(int(year), number, int(day))


def _moment(day: date, zoned: re.Match[str]) -> datetime:
    hour, minute, sign, hours, minutes = zoned.groups(default="0")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(-offset if sign == "-" else offset)
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=zone)


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
    return today - timedelta(days=_WORDS[match[1]])


def _month_day(match: re.Match[str], today: date) -> date:
    month, day = (int(part) for part in match.groups() if part)
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_COMPACT, _full),
    (_EPOCH, _epoch),
    (_CLOCK, _clock),
    (_FULL, _full),
    (_MONTH_FIRST, _month_first),
    (_DAY_FIRST, _day_first),
    (_AGO, _ago),
    (_DAYS_AGO, _days_ago),
    (_MONTH_DAY, _month_day),
    (_WORD, _word),
)
_OF_NUMBERS = 2
"""Number of first readers that also read numbers: a rating of 4.5 is not the fifth of April."""
