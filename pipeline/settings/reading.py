"""Settings for reading the values of a source, and the type of a time zone."""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from pipeline.settings.section import Section


def _known_time_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError(f"unknown time zone {name!r}; write an IANA name such as Asia/Seoul")
    return name


TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
"""IANA name of a time zone."""


class ReadingSection(Section):
    """How dates and ratings of a file or site are read."""

    timezone: TimeZone = "Asia/Seoul"
    """IANA time zone in which times with a zone and Unix timestamps are converted to dates."""
    rating_pattern: str = ""
    """Regular expression that finds the number in the rating; if it has a group, the first group
    is the number. Without a match, filled stars (★) are counted. Empty: a rating must contain
    only one number, or one number and the highest possible rating, as in ``4 out of 5``, ``8/10``
    and ``5점 만점에 4점``."""
    rating_factor: float = Field(1.0, gt=0)
    """Factor that converts the number to the rating scale: 0.05 converts a bar width of 100 % to
    5."""

    @field_validator("rating_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"not a valid regular expression: {error}") from error
        return pattern
