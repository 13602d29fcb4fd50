"""Assigns examples to the training, validation and test splits."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import DataError
from pipeline.reviews.review import SPLITS
from pipeline.settings import SplitSettings

MIN_GROUPS = 3
"""With fewer groups than splits, groups are ignored and examples split by text."""


def assign_splits(
    texts: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[int],
    names: Sequence[str],
    held_out: Sequence[bool],
    settings: SplitSettings,
) -> list[str]:
    """Assign each example to a split.

    A group stays within one split; examples without a group stay together with those of the same
    text. Groups are ordered by a seeded hash of their name, so that assignments hardly change as
    reviews are added. If any example is held out, the held-out examples are the test split.

    Args:
        texts: Cleaned text of each example.
        groups: Group of each example, empty for none.
        classes: Index into ``names`` of each example's class.
        names: Names of the classes.
        held_out: Whether each example belongs to a test set given by the user.
        settings: Shares and seed.

    Returns:
        ``train``, ``validation`` or ``test`` for each example.

    Raises:
        DataError: A class has no example, or none in one of the splits.
    """
    if missing := [name for one, name in enumerate(names) if one not in classes]:
        found = "no review has a label"
        if classes:
            first = names[classes[0]]
            alike = len(set(classes)) == 1
            found = f"all {len(classes)} are {first}" if alike else f"none is {missing[0]}"
        raise DataError(
            f"training needs {' and '.join(reversed(names))} examples, but {found}: "
            "check the source's labels or ratings, label.negative_max and label.positive_min"
        )
    units = _units(texts, groups)
    splits = ["test" if held else "train" for held in held_out]
    if not any(held_out):
        _move(splits, units, "test", settings.test_share, settings.seed)
    _move(splits, units, "validation", settings.validation_share, settings.seed + 1)
    _check(splits, classes, names)
    return splits


def _units(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Key of each example; examples with the same key go to the same split."""
    if len(set(groups) - {""}) < MIN_GROUPS:
        return list(texts)
    return [f"group {group}" if group else text for text, group in zip(texts, groups, strict=True)]


def _move(splits: list[str], units: list[str], to: str, share: float, seed: int) -> None:
    """Move whole units from training to split ``to`` until ``share`` of the examples moved."""
    sizes = Counter(unit for unit, split in zip(units, splits, strict=True) if split == "train")
    wanted = share * sizes.total()
    moved: set[str] = set()
    for unit in sorted(sizes, key=lambda unit: _rank(unit, seed)):
        if wanted < sizes[unit] / 2:
            break
        moved.add(unit)
        wanted -= sizes[unit]
    for index, unit in enumerate(units):
        if unit in moved and splits[index] == "train":
            splits[index] = to


def _rank(unit: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {unit}".encode()).digest()


def _check(splits: Sequence[str], classes: Sequence[int], names: Sequence[str]) -> None:
    found = Counter(zip(splits, classes, strict=True))
    for split in SPLITS:
        for one, name in enumerate(names):
            if not found[split, one]:
                raise DataError(
                    f"the {split} split has no {name} example: {len(classes)} labelled reviews are "
                    "too few or too imbalanced to split; add reviews, or change "
                    "split.test_share, split.validation_share or split.seed"
                )
