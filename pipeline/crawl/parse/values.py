"""The dates and ratings of one source, read as its settings say."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.crawl.parse.dates import is_relative, parse_date
from pipeline.crawl.parse.ratings import Rating, parse_rating, rounded
from pipeline.settings.reading import ReadingSection


class Day(NamedTuple):
    """A date as it was read.

    Attributes:
        date: ISO date, empty if there is none.
        is_vague: Whether it was computed from a relative one.
    """

    date: str
    is_vague: bool


class ValueReader:
    """Reads dates and ratings.

    Args:
        settings: Time zone, and pattern and factor of ratings.
        today: Date that relative dates refer to.
    """

    def __init__(self, settings: ReadingSection, today: date) -> None:
        self._today, self._zone = today, ZoneInfo(settings.timezone)
        self._pattern = re.compile(settings.rating_pattern) if settings.rating_pattern else None
        self._factor = settings.rating_factor

    def day(self, written: object) -> Day:
        """The date of a text, number or time; empty if it is none."""
        return Day(parse_date(written, self._today, self._zone), is_relative(written))

    def rating(self, written: object) -> float | None:
        """The rating of a text or number; None if it is none."""
        found = self.rating_out_of(written)
        return found.number if found else None

    def rating_out_of(self, written: object) -> Rating | None:
        """The rating of a text or number and what it is out of; None if it is none."""
        if isinstance(written, str):
            return parse_rating(written, self._pattern, self._factor)
        if isinstance(written, bool) or not isinstance(written, int | float):
            return None
        try:
            number = rounded(float(written) * self._factor)
        except OverflowError:
            return None
        return None if number is None else Rating(number)
