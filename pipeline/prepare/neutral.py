"""Neutral reviews where there are two classes.

They have no label and are never tested, but say more of what displeases than positive ones do.
Few labels with rare complaints learn from them as from complaints of half the weight.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.prepare.labels import class_labels
from pipeline.reviews.review import NEUTRAL
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


def only_tested(groups: Sequence[str], splits: Sequence[str]) -> set[str]:
    """The groups whose neutral reviews teach nothing: their ratings would tell how it fares.

    Args:
        groups: Group of each example, empty for none.
        splits: Its split.
    """
    trained = {group for group, split in zip(groups, splits, strict=True) if split != "test"}
    return {*groups} - trained - {""}
