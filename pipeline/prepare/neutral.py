"""Neutral reviews where there are two classes.

They have no label and are never tested, but say more of what displeases than positive ones do.
Few labels with rare complaints learn from them as from complaints of half the weight.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.prepare.labels import class_labels
from pipeline.reviews.review import BETWEEN, NEUTRAL, UNLABELED
from pipeline.settings import LabelSettings
from pipeline.target.kinds import CLASSES


def neutral_reviews(
    ratings: Sequence[float | None], given: Sequence[int | None], settings: LabelSettings
) -> list[bool]:
    """Whether each review is neutral, which is no class of the target.

    Args:
        ratings: See :func:`~pipeline.prepare.labels.label_reviews`.
        given: See there.
        settings: See there.
    """
    if settings.target != "binary":
        return [False] * len(ratings)
    three = settings.model_copy(update={"target": "three"})
    _, labels, _ = class_labels(ratings, given, three)
    neutral = CLASSES["three"].label_of(NEUTRAL)
    return [label == neutral for label in labels]


def splits_of_neutral(
    neutral: Sequence[str], groups: Sequence[str], splits: Sequence[str]
) -> list[str]:
    """In place of a split, ``between``, or ``unlabeled`` for a review of a tested group.

    Where whole groups are tested, the ratings of others of a group would tell how it fares.

    Args:
        neutral: Group of each neutral review, empty for none.
        groups: Group of each example.
        splits: Its split.
    """
    trained = {group for group, split in zip(groups, splits, strict=True) if split != "test"}
    tested = {*groups} - trained - {""}
    return [UNLABELED if group in tested else BETWEEN for group in neutral]
