"""Assigns examples to the training, validation and test splits, by group if possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Integers
from pipeline.errors import DataError
from pipeline.prepare.units import FARTHEST, Units, units_of_groups
from pipeline.settings import SplitSettings

ENOUGH_VALIDATION = 2_500
"""Number of validation examples of the rarest class that is enough; more are trained on."""
FINDS_SOME = "`review-sentiment label suggest` finds some among reviews without a label"


class Assignment(NamedTuple):
    """The split of each example.

    Attributes:
        splits: ``train``, ``validation`` or ``test`` for each example.
        ungrouped: The splits that may share groups with the training split, because no choice of
            whole groups comes near the wanted shares.
    """

    splits: list[str]
    ungrouped: list[str]


def assign_splits(
    texts: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[int],
    names: Sequence[str],
    held_out: Sequence[bool],
    settings: SplitSettings,
) -> Assignment:
    """Assign each example to a split.

    A group stays within one split; examples without a group stay together with examples of the same
    text. Each split has its share of each class, as closely as whole groups allow; a validation
    split by text has at most ``ENOUGH_VALIDATION`` examples of the rarest class. If no choice of
    groups is near the shares (:data:`~pipeline.prepare.units.FARTHEST`), the validation split is
    chosen by text instead, and if necessary the test split too. If any example is held out, the
    held-out examples are the test split.

    Args:
        texts: Cleaned text of each example.
        groups: Group of each example, empty for none.
        classes: Index into ``names`` of each example's class.
        names: Names of the classes.
        held_out: Whether each example belongs to a test set given by the user.
        settings: Shares and seed.

    Raises:
        DataError: A class has no example, none in the held-out test set, or too few different
            texts for all splits.
    """
    labels, held = np.array(classes, np.intp), np.array(held_out, bool)
    _check(labels, names, held)
    for by_test, by_validation, ungrouped in _ways(texts, groups, labels, held):
        test: Bools | None = held
        if not held.any():
            spare = 2 if by_test is by_validation else 1
            test = by_test.choose("test", ~held, settings.test_share, settings.seed, spare)
        if test is None:
            continue
        share = settings.validation_share
        if not by_validation.farthest:  # units are equal texts; groups may be too large for this
            share = min(share, ENOUGH_VALIDATION / max(1, np.bincount(labels[~test]).min()))
        validation = by_validation.choose("validation", ~test, share, settings.seed + 1, spare=1)
        if validation is not None:
            splits = np.select([test, validation], ["test", "validation"], "train")
            return Assignment(splits.tolist(), ungrouped)
    raise DataError(_too_few(texts, labels, names, held))


def _check(labels: Integers, names: Sequence[str], held: Bools) -> None:
    """Raise an error if a class has no example at all, or none in the held-out test set."""
    found, examples = np.bincount(labels, minlength=len(names)), len(labels)
    if not examples:
        raise DataError(
            "no review has a label, so no model can be trained: label some reviews by hand with "
            "`review-sentiment label suggest to-label.csv`; without any labels and ratings, "
            "`review-sentiment run` predicts with the starter"
        )
    if missing := [name for name, number in zip(names, found, strict=True) if not number]:
        alike = np.count_nonzero(found) == 1
        known = f"all {examples} are {names[labels[0]]}" if alike else f"none is {missing[0]}"
        wanted = " and ".join(f"{_fewest(held)} {name}" for name in missing)
        raise DataError(
            f"training needs {' and '.join(reversed(names))} examples, but {known}: add at least "
            f"{wanted} reviews ({FINDS_SOME}), or check the source's labels or ratings, "
            "label.negative_max and label.positive_min"
        )
    tested = set(labels[held].tolist())
    if missing := [name for one, name in enumerate(names) if tested and one not in tested]:
        raise DataError(
            f"none of the {held.sum():,} labelled reviews of source.test_path is {missing[0]}: "
            f"add {missing[0]} reviews to it, or remove source.test_path to split the reviews"
        )


def _too_few(texts: Sequence[str], labels: Integers, names: Sequence[str], held: Bools) -> str:
    """Message about the class with the fewest different texts and how many more are needed."""
    rest = np.flatnonzero(~held).tolist()
    different = Counter(label for _, label in {(texts[at], int(labels[at])) for at in rest})
    least = min(range(len(names)), key=lambda one: different[one])
    lacking = {name: _fewest(held) - different[one] for one, name in enumerate(names)}
    lacking = {name: number for name, number in lacking.items() if number > 0} or {names[least]: 1}
    more = " and ".join(f"{number} more {name}" for name, number in lacking.items())
    noun = "review" if sum(lacking.values()) == 1 else "reviews"
    splits = "training and validation" if held.any() else "training, validation and test"
    return (
        f"too few {names[least]} reviews: {different[least]} different among {len(rest):,} "
        f"labelled, and {splits} need one each; add at least {more} {noun} ({FINDS_SOME}), or "
        "change label.target, label.negative_max or label.positive_min"
    )


def _fewest(held: Bools) -> int:
    """Number of different examples of a class that the splits need: one each."""
    return 2 if held.any() else 3


def _ways(
    texts: Sequence[str], groups: Sequence[str], labels: Integers, held: Bools
) -> list[tuple[Units, Units, list[str]]]:
    """Possible ways to split, best first: units of test and validation split, ungrouped splits."""
    by_text = Units(texts, labels, {})
    if len(set(groups)) < 2:
        return [(by_text, by_text, [])]
    by_group = Units(units_of_groups(texts, groups), labels, FARTHEST)
    return [
        (by_group, by_group, []),
        (by_group, by_text, ["validation"]),
        (by_text, by_text, ["validation"] if held.any() else ["test", "validation"]),
    ]
