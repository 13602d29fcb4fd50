"""Divides the time span of reviews into calendar periods: weeks, months, quarters or years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from pipeline.topics.parts import Parts
from pipeline.topics.records import PeriodUnit

UNITS: tuple[PeriodUnit, ...] = ("week", "month", "quarter", "year")
MOST_PERIODS = 36
MIN_REVIEWS = 100
"""Minimum median number of reviews per period."""
MIN_DATED = 0.5
"""Minimum share of reviews with a date."""


def find_periods(dates: Sequence[str]) -> tuple[PeriodUnit, Parts]:
    """Choose the shortest unit that gives enough reviews in each period, and not too many periods.

    Args:
        dates: ISO date of each review; may be empty.

    Returns:
        The unit, empty if too few reviews have dates, and the periods in order.
    """
    known = sorted({one for one in dates if one})
    dated = sum(map(bool, dates))
    if not known or dated < MIN_DATED * len(dates):
        return "", Parts(keys=[], names=[], of_review=np.full(len(dates), -1))
    for unit in UNITS:
        keys = _between(known[0], known[-1], unit)
        if len(keys) > MOST_PERIODS and unit != UNITS[-1]:
            continue
        index = {key: place for place, key in enumerate(keys)}
        of_day = {one: index[key_of(one, unit)] for one in known}
        numbers = np.array([of_day.get(one, -1) for one in dates], np.int64)
        if np.median(np.bincount(numbers[numbers >= 0], minlength=len(keys))) >= MIN_REVIEWS:
            break
    return unit, Parts(keys=keys, names=keys, of_review=numbers)


def key_of(day: str, unit: PeriodUnit) -> str:
    """The key of the period that an ISO date belongs to."""
    if unit == "year":
        return day[:4]
    if unit == "quarter":
        return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"
    if unit == "month":
        return day[:7]
    known = date.fromisoformat(day)
    return (known - timedelta(known.weekday())).isoformat()


def _between(first: str, last: str, unit: PeriodUnit) -> list[str]:
    """The keys of all periods from one date to another."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    if unit == "week":
        monday = begin - timedelta(begin.weekday())
        weeks = (end - monday).days // 7 + 1
        return [(monday + timedelta(7 * week)).isoformat() for week in range(weeks)]
    months = range(12 * begin.year + begin.month - 1, 12 * end.year + end.month)
    days = (f"{month // 12:04d}-{month % 12 + 1:02d}-01" for month in months)
    return list(dict.fromkeys(key_of(day, unit) for day in days))
