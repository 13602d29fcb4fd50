"""Training, validation and test: which example belongs where."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from pipeline.errors import DataError
from pipeline.reviews.review import SPLITS
from pipeline.settings import SplitSettings

FEWEST_GROUPS = 3
"""With fewer groups than splits, examples are divided one by one."""


def assign_splits(
    texts: Sequence[str],
    groups: Sequence[str],
    classes: Sequence[int],
    names: Sequence[str],
    held_out: Sequence[bool],
    settings: SplitSettings,
) -> list[str]:
    """Give each example its split.

    ``classes`` says which of the ``names`` each example is of.

    Whole groups go to one split, examples without a group together with those of the same text.
    Groups are ordered by a hash of their name, so that the same group falls on the same side as
    reviews are added, but for the few at the border. Where examples are held out, they are the
    test split and no other example is.

    Raises:
        DataError: A class is missing altogether or in one of the splits.
    """
    if missing := [name for one, name in enumerate(names) if one not in classes]:
        found = "there are none"
        if classes:
            first = names[classes[0]]
            alike = len(set(classes)) == 1
            found = f"all {len(classes)} are {first}" if alike else f"none is {missing[0]}"
        raise DataError(
            f"training needs {' and '.join(reversed(names))} examples, but {found}: "
            "check the source's labels or ratings and label.negative_max, label.positive_min"
        )
    units = _units(texts, groups)
    splits = ["test" if held else "train" for held in held_out]
    if not any(held_out):
        _move(splits, units, "test", settings.test_share, settings.seed)
    _move(splits, units, "validation", settings.validation_share, settings.seed + 1)
    _check(splits, classes, names)
    return splits


def _units(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    if len(set(groups) - {""}) < FEWEST_GROUPS:
        return list(texts)
    return [f"group {group}" if group else text for text, group in zip(texts, groups, strict=True)]


def _move(splits: list[str], units: list[str], to: str, share: float, seed: int) -> None:
    """Move whole units out of training until ``share`` of its examples have gone."""
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
                    "too few or too uneven to divide; bring more, or change split.test_share, "
                    "split.validation_share or split.seed"
                )
