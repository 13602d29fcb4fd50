"""Periods of time: their choice, the period of a day, and their names."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report.phrases import Phrases
from pipeline.topics.periods import key_of
from pipeline.topics.records import PeriodUnit

MONTHS_SHOWN = 18
"""For up to this many months, periods are months; for up to three times as many, quarters."""


def unit_of(days: Sequence[str]) -> PeriodUnit:
    """The period unit that suits the given ISO dates, which are in ascending order."""
    if not days:
        return ""
    first, last = (12 * int(day[:4]) + int(day[5:7]) for day in (days[0], days[-1]))
    months = last - first + 1
    return (
        "month" if months <= MONTHS_SHOWN else "quarter" if months <= 3 * MONTHS_SHOWN else "year"
    )


def period_of(day: str, unit: PeriodUnit) -> str:
    """Key of the period of an ISO date; empty without a date."""
    if not day or not unit:
        return ""
    try:
        return key_of(day, unit)
    except ValueError:  # such as 2026-02-30
        return ""


def period_name(key: str, say: Phrases) -> str:
    """The name of a period in the language of the page."""
    if "-Q" in key:
        year, quarter = key.split("-Q")
        return say("period_quarter", year=year, quarter=quarter)
    parts = key.split("-")
    if len(parts) == 3:
        return say("period_week", monday=key)
    if len(parts) == 2:
        return say("period_month", year=parts[0], month=int(parts[1]))
    return say("period_year", year=key) if key else ""
