"""Neutral reviews for a target with two classes.

They are not examples and are never tested, but contain more criticism than positive reviews. If
there are few labels and complaints are rare, training uses them as complaints of lower weight.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.prepare.labels import LabelRule
from pipeline.reviews.review import NEUTRAL
from pipeline.target.base import Target
from pipeline.target.binary import Binary

HALF = 0.5


def positivity(
    ratings: Sequence[float | None], given: Sequence[int | None], target: Target, rule: LabelRule
) -> list[float | None]:
    """Positivity of each neutral review, from 0 (a complaint) to 1; None for all others.

    The position of the rating between the highest negative and the lowest positive rating: 0.5 for
    3 of 5 stars, 0.2 for 5 of 10 points.

    Args:
        ratings: See :func:`~pipeline.prepare.labels.label_reviews`.
        given: See :func:`~pipeline.prepare.labels.label_reviews`.
        target: Target that it returned; unless it has two classes, all results are None.
        rule: Rule that it returned.
    """
    if not isinstance(target, Binary):
        return [None] * len(ratings)
    lowest, highest = _limits(rule)

    def of_review(rating: float | None, known: int | None) -> float | None:
        if known is not None:
            return HALF if known == NEUTRAL else None
        if rating is None or not lowest < rating < highest:
            return None
        return (rating - lowest) / (highest - lowest)

    return [of_review(*one) for one in zip(ratings, given, strict=True)]


def _limits(rule: LabelRule) -> tuple[float, float]:
    """Highest negative and lowest positive rating; equal if no rating became a label."""
    limits = rule.thresholds or {"negative_max": 0.0, "positive_min": 0.0}
    return limits["negative_max"], limits["positive_min"]


def only_tested(groups: Sequence[str], splits: Sequence[str]) -> set[str]:
    """The groups that are only in the test split.

    Training must not use the ratings of their neutral reviews, which would reveal how a group is
    rated.

    Args:
        groups: Group of each example, empty for none.
        splits: Split of each example.
    """
    trained = {group for group, split in zip(groups, splits, strict=True) if split != "test"}
    return {*groups} - trained - {""}
