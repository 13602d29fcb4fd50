"""Assigns examples to cross-validation folds, if there are few.

A single test split of a few hundred reviews with a handful of complaints is too small to measure
much. In a cross-validation each example is tested once, by a model trained on the other folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

from pipeline.arrays import Integers
from pipeline.prepare.splits import Assignment
from pipeline.prepare.units import FARTHEST, Units, units_of_groups
from pipeline.target.thresholds import RARE

FOLDS, FOLDS_OF_RARE = 5, 10
"""Number of folds, by default and if a class is rare. With more folds, each model learns from more
examples of a rare class, but training takes longer."""
FEWEST_FOLDS = 3
"""With fewer folds, a class could be missing in the training or the validation split."""


class Folds(NamedTuple):
    """The fold in which each example is tested.

    Attributes:
        numbers: Fold of each example, from 0, shape (examples,).
        by_group: Whether each group stays within one fold; also True if there are no groups to
            keep together.
    """

    numbers: Integers
    by_group: bool


class Roles(NamedTuple):
    """The role of each example in training and testing.

    Attributes:
        splits: ``train``, ``validation`` or, without folds, ``test`` for each example.
        ungrouped: The splits that may share groups with the training split; if there are folds,
            ``test`` means the folds.
        folds: The fold in which each example is tested; None if there is a test split instead.
    """

    splits: list[str]
    ungrouped: list[str]
    folds: list[int | None] | None

    @classmethod
    def of(cls, assigned: Assignment, folds: Folds | None) -> Self:
        """Make the roles; with folds, the examples of the test split join the training split."""
        if folds is None:
            return cls(*assigned, None)
        ungrouped = [] if folds.by_group else ["test"]
        ungrouped += [name for name in assigned.ungrouped if name != "test"]
        splits = ["train" if name == "test" else name for name in assigned.splits]
        return cls(splits, ungrouped, list(folds.numbers.tolist()))


def assign_folds(
    texts: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[int],
    count: int | None,
    seed: int,
) -> Folds | None:
    """Assign each example to a fold, by group and stratified by class.

    A group stays within one fold; examples without a group stay together with examples of the same
    text. If groups cannot be divided into ``count`` folds of similar size
    (:data:`~pipeline.prepare.units.FARTHEST`), nor into ``FOLDS``, the folds are chosen by text.

    Args:
        texts: Cleaned text of each example.
        groups: Group of each example, empty for none.
        classes: Class of each example.
        count: Number of folds; fewer if a class has fewer different texts. None: ``FOLDS``, or
            ``FOLDS_OF_RARE`` if a class is rare.
        seed: Seed of the order in which groups and texts are visited.

    Returns:
        The folds; None if a class has too few different texts for ``FEWEST_FOLDS`` folds.
    """
    labels = np.array(classes, np.intp)
    if count is None:
        _, sizes = np.unique(labels, return_counts=True)
        count = FOLDS_OF_RARE if sizes.min() < RARE * len(labels) else FOLDS
    if len(set(groups)) > 1:
        by_group = Units(units_of_groups(texts, groups), labels, FARTHEST)
        for fewer in dict.fromkeys((count, min(count, FOLDS))):
            numbers = _assign(by_group, fewer, seed)
            if numbers is not None:
                return Folds(numbers, by_group=True)
    by_text = Units(texts, labels, {})
    for fewer in range(count, FEWEST_FOLDS - 1, -1):
        numbers = _assign(by_text, fewer, seed)
        if numbers is not None:
            return Folds(numbers, by_group=len(set(groups)) < 2)
    return None


def _assign(units: Units, count: int, seed: int) -> Integers | None:
    """Choose the folds one after the other; None if the size of one is too far from the others."""
    numbers = np.full(len(units.of_examples), count - 1, np.intp)
    is_left = np.ones(len(numbers), bool)
    for fold in range(count - 1):
        further = count - 1 - fold
        chosen = units.choose("test", is_left, 1 / (further + 1), seed, spare=further)
        if chosen is None:
            return None
        numbers[chosen] = fold
        is_left &= ~chosen
    return numbers if units.is_near("test", is_left, 1 / count) else None
