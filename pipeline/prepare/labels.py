"""Labels from ratings."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE
from pipeline.settings import LabelSettings
from pipeline.target.kinds import CLASSES, Score, Target

logger = logging.getLogger(__name__)

THRESHOLDS = {5: (2.0, 4.0), 10: (4.0, 9.0)}
"""Highest negative and lowest positive rating on each scale."""


class LabelRule(NamedTuple):
    """How ratings become labels.

    Attributes:
        text: The rule as a sentence.
        thresholds: ``scale``, ``negative_max`` and ``positive_min`` of ratings that became classes,
            None if there are none.
    """

    text: str
    thresholds: dict[str, float] | None = None


def label_reviews(
    ratings: Sequence[float | None], given: Sequence[int | None], settings: LabelSettings
) -> tuple[Target, list[float | None], LabelRule]:
    """Label each review for what is to be predicted.

    Args:
        ratings: As the source gives them, None for a review without one.
        given: The source's own sentiments, None for a review without one.
        settings: What is predicted, and which ratings count as what.

    Returns:
        The prediction target, the label of each review (None without one), and the rule.

    Raises:
        DataError: The ratings fit no scale, or there are none where they are needed.
    """
    kinds = {"binary": _classes, "three": _classes, "score": _scores}
    target, labels, rule = kinds[settings.target](ratings, given, settings)
    logger.info("%s", rule.text)
    return target, labels, rule


def _classes(
    ratings: Sequence[float | None], given: Sequence[int | None], settings: LabelSettings
) -> tuple[Target, list[float | None], LabelRule]:
    """The class of each review, given or from its rating."""
    target = CLASSES[settings.target]
    to_label = [
        r for r, known in zip(ratings, given, strict=True) if known is None and r is not None
    ]
    sentiments, rule = list(given), LabelRule("labels as given by the source")
    if to_label:
        scale = rating_scale(to_label, settings)
        negative_max, positive_min = thresholds(scale, settings)
        sentiments = [
            known
            if known is not None or rating is None
            else sentiment(rating, negative_max, positive_min)
            for rating, known in zip(ratings, given, strict=True)
        ]
        text = (
            f"on the {scale}-point scale, ratings up to {negative_max:g} are negative "
            f"and ratings from {positive_min:g} are positive"
        )
        if "neutral" in target.names:
            text += ", those in between are neutral"
        rule = LabelRule(
            text, {"scale": scale, "negative_max": negative_max, "positive_min": positive_min}
        )
    return target, [None if one is None else target.label_of(one) for one in sentiments], rule


def _scores(
    ratings: Sequence[float | None], given: Sequence[int | None], settings: LabelSettings
) -> tuple[Target, list[float | None], LabelRule]:
    """The rating of each review, scaled to 0..1; the source's own sentiments do not count."""
    known = [rating for rating in ratings if rating is not None]
    if not known:
        raise DataError(
            "label.target = score needs ratings, and the source has none: "
            "bring a column or field of ratings, or set label.target to binary"
        )
    if min(known) == max(known):
        raise DataError(
            f"all {len(known)} ratings are {known[0]:g}, so there is nothing to learn: "
            "bring reviews of other ratings too"
        )
    highest, lowest = rating_scale(known, settings), min(1.0, math.floor(min(known)))
    target = Score(lowest=lowest, highest=highest)
    labels = [None if rating is None else target.label_of(rating) for rating in ratings]
    return target, labels, LabelRule(f"ratings on the scale from {lowest:g} to {highest}")


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


def sentiment(rating: float, negative_max: float, positive_min: float) -> int:
    """``NEGATIVE``, ``POSITIVE``, or ``NEUTRAL`` for a rating between."""
    if rating <= negative_max:
        return NEGATIVE
    if rating >= positive_min:
        return POSITIVE
    return NEUTRAL
