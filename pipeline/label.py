"""Sentiment from a rating."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.errors import DataError
from pipeline.records import NEGATIVE, POSITIVE
from pipeline.settings import LabelSettings

THRESHOLDS = {5: (2.0, 4.0), 10: (4.0, 9.0)}
"""Highest negative and lowest positive rating on each scale."""


def rating_scale(ratings: Iterable[float], settings: LabelSettings) -> int:
    """The highest rating of the scale: as set, else the smallest scale that holds all ratings.

    Raises:
        DataError: A rating lies outside every scale, or outside the one that is set.
    """
    lowest, highest = 0.0, 0.0
    scale: int | None
    for rating in ratings:
        lowest, highest = min(lowest, rating), max(highest, rating)
    scale = settings.scale or next((known for known in THRESHOLDS if highest <= known), None)
    if scale is None or highest > scale or lowest < 0:
        culprit = lowest if lowest < 0 else highest
        raise DataError(
            f"a rating of {culprit:g} does not fit a scale to {scale or max(THRESHOLDS)}: "
            "give the ratings from 1 to 5 or from 1 to 10"
        )
    return scale


def thresholds(scale: int, settings: LabelSettings) -> tuple[float, float]:
    """Highest negative and lowest positive rating: as set, else the custom of the scale.

    Raises:
        DataError: The two overlap.
    """
    negative_max, positive_min = THRESHOLDS[scale]
    if settings.negative_max is not None:
        negative_max = settings.negative_max
    if settings.positive_min is not None:
        positive_min = settings.positive_min
    if negative_max >= positive_min:
        raise DataError(
            f"label.negative_max {negative_max:g} is not below label.positive_min "
            f"{positive_min:g} on a scale to {scale}: set both"
        )
    return negative_max, positive_min


def label_of(rating: float, negative_max: float, positive_min: float) -> int | None:
    """0 for a negative rating, 1 for a positive one, None for one between."""
    if rating <= negative_max:
        return NEGATIVE
    if rating >= positive_min:
        return POSITIVE
    return None
