"""Neutral reviews where there are two classes.

They are no examples and are never tested, but say more of what displeases than positive ones do.
Few labels with rare complaints learn from them as from complaints of less weight.
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
    """How positive each neutral review is: from 0 (a complaint) to 1; None for all others.

    A rating is as positive as it is near the lowest positive one: of 5 stars 3 are half positive,
    of 10 points 5 are a fifth.

    Args:
        ratings: See :func:`~pipeline.prepare.labels.label_reviews`.
        given: See there.
        target: What it returned; but for two classes no review is neutral.
        rule: What it returned.
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
    """Highest negative and lowest positive rating; equal where no rating became a label."""
    limits = rule.thresholds or {"negative_max": 0.0, "positive_min": 0.0}
    return limits["negative_max"], limits["positive_min"]


def only_tested(groups: Sequence[str], splits: Sequence[str]) -> set[str]:
    """The groups whose neutral reviews teach nothing: their ratings would tell how it fares.

    Args:
        groups: Group of each example, empty for none.
        splits: Its split.
    """
    trained = {group for group, split in zip(groups, splits, strict=True) if split != "test"}
    return {*groups} - trained - {""}
