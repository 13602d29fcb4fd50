"""Parser for ratings."""

from __future__ import annotations

import math
import re

NUMBER = re.compile(r"(?:(?<!\S)-)?\d+(?:\.\d+)?")
DECIMALS = 3
_FILLED_STAR = re.compile("[★⭐]")


def parse_rating(text: str, pattern: re.Pattern[str] = NUMBER, factor: float = 1.0) -> float | None:
    """Parse a rating: the first number, or else the number of filled stars.

    Args:
        text: Text such as ``4.5점``, ``width: 80%`` or ``★★★★☆``.
        pattern: Regular expression for the number; its first group if it has one.
        factor: Factor that converts the number to the rating scale.

    Returns:
        The rating, None if there is no number and no star.
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
    """The number rounded to three decimals, None if it is not finite."""
    return round(number, DECIMALS) if math.isfinite(number) else None
