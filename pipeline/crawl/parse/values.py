"""The dates, ratings and labels of one source, read as its settings say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pipeline.crawl.parse.dates import is_relative, parse_date
from pipeline.crawl.parse.label_schemes import value_key
from pipeline.crawl.parse.label_words import WORDS
from pipeline.crawl.parse.ratings import Rating, parse_rating, rounded
from pipeline.reviews.review import LABEL_NAMES
from pipeline.settings.reading import ReadingSection


class Day(NamedTuple):
    """A date as it was read.

    Attributes:
        date: ISO date, empty if there is none.
        is_vague: Whether it was computed from a relative date.
    """

    date: str
    is_vague: bool


class ValueReader:
    """Reads dates and ratings.

    Args:
        settings: Time zone, and pattern and factor of ratings.
        today: Date that relative dates refer to.
        values: Setting ``source.values``: meaning of ratings and labels.
    """

    def __init__(
        self,
        settings: ReadingSection,
        today: date,
        values: Mapping[str, float | str] | None = None,
    ) -> None:
        self._today, self._zone = today, ZoneInfo(settings.timezone)
        self._values = {value_key(value): one for value, one in (values or {}).items()}
        self._ratings = RatingReader(settings, values)

    def day(self, written: object) -> Day:
        """The date of a text, number or time; empty if it is not a date."""
        return Day(parse_date(written, self._today, self._zone), is_relative(written))

    def rating(self, written: object) -> float | None:
        """The rating of a text or number; None if it is not a rating."""
        return self._ratings.number(written)

    def ratings(self, written: Mapping[str, object]) -> dict[str, float]:
        """The values that are ratings, by name."""
        read = {name: self.rating(one) for name, one in written.items()}
        return {name: rating for name, rating in read.items() if rating is not None}

    def label(self, written: object) -> int | None:
        """The label of a truth value, a known word or a value of ``source.values``, else None.

        Known words are those of label columns in files: 추천, positive, bad.
        """
        key = value_key(str(written))
        if key in self._values:
            meaning = self._values[key]
            return LABEL_NAMES.index(meaning) if meaning in LABEL_NAMES else None
        return WORDS.get(key)


class RatingReader:
    """Reads ratings.

    Args:
        settings: Pattern and factor.
        values: Setting ``source.values``; its numbers are ratings.
    """

    def __init__(
        self, settings: ReadingSection, values: Mapping[str, float | str] | None = None
    ) -> None:
        self._pattern = re.compile(settings.rating_pattern) if settings.rating_pattern else None
        self._factor = settings.rating_factor
        self._values = {value_key(value): one for value, one in (values or {}).items()}

    def number(self, written: object) -> float | None:
        """The rating of a text or number; None if it is not a rating."""
        found = self.read(written)
        return found.number if found else None

    def read(self, written: object) -> Rating | None:
        """The rating of a text or number, with its maximum; None if it is not a rating."""
        meaning = self._values.get(value_key(str(written)))
        if isinstance(meaning, int | float):
            return Rating(float(meaning))
        if isinstance(written, str):
            return parse_rating(written, self._pattern, self._factor)
        if isinstance(written, bool) or not isinstance(written, int | float):
            return None
        try:
            number = rounded(float(written) * self._factor)
        except OverflowError:
            return None
        return None if number is None else Rating(number)
