"""The number in a rating."""

from __future__ import annotations

import math
import re

NUMBER = re.compile(r"(?:(?<!\S)-)?\d+(?:\.\d+)?")
DECIMALS = 3
_FILLED_STAR = re.compile("[★⭐]")


def parse_rating(text: str, pattern: re.Pattern[str] = NUMBER, factor: float = 1.0) -> float | None:
    """A rating's number times the factor, or its count of filled stars; None without either.

    Args:
        text: As a site shows it: ``4.5점``, ``width: 80%``, ``★★★★☆``.
        pattern: Finds the number; its first group where it has one.
        factor: Brings the number to the scale of the ratings.
    """
    match = pattern.search(text)
    if match is not None:
        try:
            return rounded(float(match[1] if pattern.groups else match[0]) * factor)
        except (TypeError, ValueError):
            return None
    stars = len(_FILLED_STAR.findall(text))
    return rounded(stars * factor) if stars else None


def rounded(number: float) -> float | None:
    """The number to three decimals; None when it is not finite."""
    return round(number, DECIMALS) if math.isfinite(number) else None
