"""Converts ratings to labels."""

from __future__ import annotations

import logging
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from pipeline.errors import DataError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE
from pipeline.settings import LabelSettings
from pipeline.target.base import Target
from pipeline.target.kinds import CLASSES
from pipeline.target.score import Score

logger = logging.getLogger(__name__)

THRESHOLDS = {5: (2.0, 4.0), 10: (4.0, 9.0), 100: (40.0, 80.0)}
"""Default thresholds by scale: highest negative and lowest positive rating."""
FEWEST_OF_A_SCALE = 30
"""Minimum number of ratings of a source for a comparison of its scale with other sources."""
FIVE_STEPS = frozenset({2.0, 4.0, 6.0, 8.0, 10.0})
FIVE_STEPS_THRESHOLDS = (4.0, 8.0)
"""Thresholds of a scale to 10 whose ratings are the doubled ratings of five stars."""


class LabelRule(NamedTuple):
    """How ratings become labels.

    Attributes:
        text: The rule in words.
        thresholds: ``scale``, ``negative_max`` and ``positive_min``, None if no rating was
            converted to a class.
    """

    text: str
    thresholds: dict[str, float] | None = None


def label_reviews(
    ratings: Sequence[float | None],
    given: Sequence[int | None],
    settings: LabelSettings,
    by_hand: int = 0,
) -> tuple[Target, list[float | None], LabelRule]:
    """Label each review for the target that ``settings.target`` names.

    Args:
        ratings: On the source's scale, None for a review without a rating.
        given: Sentiment labels of the source or given by hand, None for a review without one. They
            take precedence over ratings, except for target ``score``, which ignores them.
        settings: Target, scale and thresholds.
        by_hand: How many of them were given by hand.

    Returns:
        The target, the label of each review (None if it has none), and the rule.

    Raises:
        DataError: A rating is outside the scale, the thresholds overlap, or target ``score``
            finds no ratings or only equal ones.
    """
    if settings.target == "score":
        target, labels, rule = _score_labels(ratings, settings)
    else:
        target, labels, rule = class_labels(ratings, given, settings, by_hand)
    logger.info("labels: %s", rule.text)
    return target, labels, rule


def origins_of(given: Sequence[int | None], by_hand: Sequence[bool]) -> list[str]:
    """Where the label of each review comes from, if it has one: ``hand``, ``source``, ``ratings``.

    Args:
        given: See :func:`label_reviews`.
        by_hand: Whether each of them was given by hand.
    """
    return [
        "ratings" if label is None else "hand" if is_hand else "source"
        for label, is_hand in zip(given, by_hand, strict=True)
    ]


def has_labels(
    ratings: Iterable[float | None], given: Iterable[int | None], settings: LabelSettings
) -> bool:
    """Whether any review has a rating or label; always True for target ``score``, which needs them.

    Args:
        ratings: See :func:`label_reviews`.
        given: See :func:`label_reviews`.
        settings: See :func:`label_reviews`.
    """
    return settings.target == "score" or any(one is not None for one in chain(ratings, given))


def class_labels(
    ratings: Sequence[float | None],
    given: Sequence[int | None],
    settings: LabelSettings,
    by_hand: int = 0,
) -> tuple[Target, list[float | None], LabelRule]:
    """Class of each review: from the given label, else from the rating."""
    target = CLASSES[settings.target]
    to_label = [
        r for r, known in zip(ratings, given, strict=True) if known is None and r is not None
    ]
    by_source = sum(one is not None for one in given) - by_hand
    origins = [f"given by hand ({by_hand:,})"] if by_hand else []
    if by_source or not (by_hand or to_label):
        origins.append("as given by the source")
    sentiments, rule = list(given), LabelRule(", else ".join(origins))
    if to_label:
        scale = rating_scale(to_label, settings)
        negative_max, positive_min = thresholds(scale, settings, to_label)
        sentiments = [
            known
            if known is not None or rating is None
            else sentiment(rating, negative_max, positive_min)
            for rating, known in zip(ratings, given, strict=True)
        ]
        using = f"using ratings: <= {negative_max:g} of {scale} is negative"
        text = ", else ".join([*origins, f"{using}, >= {positive_min:g} positive"])
        if "neutral" in target.names:
            text += ", between neutral"
        rule = LabelRule(
            text, {"scale": scale, "negative_max": negative_max, "positive_min": positive_min}
        )
    return target, [None if one is None else target.label_of(one) for one in sentiments], rule


def _score_labels(
    ratings: Sequence[float | None], settings: LabelSettings
) -> tuple[Target, list[float | None], LabelRule]:
    """Rating of each review, scaled to 0..1; the source's sentiment labels are ignored."""
    known = [rating for rating in ratings if rating is not None]
    if not known:
        raise DataError(
            "label.target = score needs ratings, and the source has none: "
            "add a rating column or field, or set label.target to binary"
        )
    if min(known) == max(known):
        raise DataError(
            f"all {len(known)} ratings are {known[0]:g}, so a score cannot be trained: "
            "add reviews with other ratings"
        )
    highest, lowest = rating_scale(known, settings), min(1.0, math.floor(min(known)))
    target = Score(lowest=lowest, highest=highest)
    labels = [None if rating is None else target.label_of(rating) for rating in ratings]
    return target, labels, LabelRule(f"ratings as given, from {lowest:g} to {highest}")


def rating_scale(ratings: Sequence[float], settings: LabelSettings) -> int:
    """The scale's highest rating: ``settings.scale``, else that of the smallest fitting scale.

    A scale to 100 is inferred only if most ratings are above 10, so that a single wrong rating
    does not make all others negative.

    Raises:
        DataError: A rating is negative or above the scale.
    """
    lowest, highest = min(ratings, default=0.0), max(ratings, default=0.0)
    known = [scale for scale in THRESHOLDS if scale <= 10 or _most_exceed(10, ratings)]
    fitting: int | None = next((one for one in known if highest <= one), None)
    scale = settings.scale or fitting
    if scale is None or highest > scale or lowest < 0:
        culprit = lowest if lowest < 0 else highest
        raise DataError(
            f"a rating of {culprit:g} does not fit a scale of 1 to {scale or max(known)}: "
            "convert the ratings to 1-5, 1-10 or 1-100, or set label.scale"
        )
    return scale


def check_scales(
    sources: Sequence[str], ratings: Sequence[float | None], settings: LabelSettings
) -> None:
    """Check that the ratings of all sources have the same scale, unless the scale is set.

    Args:
        sources: Source of each review.
        ratings: Rating of each review; None if it does not become a label.
        settings: Scale.

    Raises:
        DataError: The sources have different scales.
    """
    by_source: defaultdict[str, list[float]] = defaultdict(list)
    for source, rating in zip(sources, ratings, strict=True):
        if rating is not None:
            by_source[source].append(rating)
    scales = {
        rating_scale(own, settings): source
        for source, own in by_source.items()
        if len(own) >= FEWEST_OF_A_SCALE
    }
    if len(scales) > 1:
        found = " and ".join(f"out of {scale} in {scales[scale]}" for scale in sorted(scales))
        raise DataError(
            f"ratings are {found}: convert them to one scale with the rating_factor of a source, "
            "such as sources.1.rating_factor = 0.5, or set label.scale"
        )


def thresholds(
    scale: int, settings: LabelSettings, ratings: Sequence[float] = ()
) -> tuple[float, float]:
    """Highest negative and lowest positive rating: as set, else the scale's defaults.

    Args:
        scale: Highest possible rating.
        settings: Thresholds as set.
        ratings: If there are only the ratings 2, 4, 6, 8 and 10, on a scale to 10, the defaults
            are :data:`FIVE_STEPS_THRESHOLDS`.

    Raises:
        DataError: The highest negative rating is not below the lowest positive one.
    """
    negative_max, positive_min = THRESHOLDS[scale]
    if scale == 10 and set(ratings) == FIVE_STEPS:
        negative_max, positive_min = FIVE_STEPS_THRESHOLDS
    if settings.negative_max is not None:
        negative_max = settings.negative_max
    if settings.positive_min is not None:
        positive_min = settings.positive_min
    if negative_max >= positive_min:
        raise DataError(
            f"label.negative_max {negative_max:g} is not below label.positive_min "
            f"{positive_min:g} on a scale of 1 to {scale}: set both"
        )
    return negative_max, positive_min


def _most_exceed(bound: float, ratings: Sequence[float]) -> bool:
    return sum(rating > bound for rating in ratings) > len(ratings) / 2


def sentiment(rating: float, negative_max: float, positive_min: float) -> int:
    """Map a rating to ``NEGATIVE``, ``POSITIVE`` or, between the thresholds, ``NEUTRAL``."""
    if rating <= negative_max:
        return NEGATIVE
    if rating >= positive_min:
        return POSITIVE
    return NEUTRAL
