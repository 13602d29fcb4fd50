"""Assigns examples to the training, validation and test splits, by group and stratified by class.

Like scikit-learn's ``StratifiedGroupKFold``, a greedy choice of whole groups brings the number of
examples of each class near the wanted one. The groups are visited in the order of a seeded hash
instead of by size, so that assignments hardly change as reviews are added.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Integers
from pipeline.errors import DataError
from pipeline.settings import SplitSettings

FARTHEST = {"test": 2.0, "validation": 3.0}
"""Highest ratio between the wanted share and that of a choice of groups, of all and of a class."""
NEAR = 0.5
"""Choices whose ratios to the wanted shares differ by less than this are equally good."""
STARTS = 20
"""Number of units that the greedy choice may start from."""


FINDS_SOME = "`review-sentiment label suggest` finds some among reviews without a label"


class Assignment(NamedTuple):
    """The split of each example.

    Attributes:
        splits: ``train``, ``validation`` or ``test`` for each example.
        ungrouped: The splits that may share groups with the training split, because no choice of
            whole groups comes near their shares.
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

    A group stays within one split; examples without a group stay together with those of the same
    text. Each split has its share of each class, as nearly as whole groups allow. If no choice of
    groups is near the shares (:data:`FARTHEST`), the validation split is chosen by text instead,
    and if need be the test split too. If any example is held out, the held-out examples are the
    test split.

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
        share, seed = settings.validation_share, settings.seed + 1
        validation = by_validation.choose("validation", ~test, share, seed, spare=1)
        if validation is not None:
            splits = np.select([test, validation], ["test", "validation"], "train")
            return Assignment(splits.tolist(), ungrouped)
    raise DataError(_too_few(texts, labels, names, held))


def _check(labels: Integers, names: Sequence[str], held: Bools) -> None:
    """Raise an error if a class has no example at all, or none in the held-out test set."""
    found, examples = np.bincount(labels, minlength=len(names)), len(labels)
    if not examples:
        raise DataError(
            "no review has a label, so nothing can be trained: `review-sentiment run` answers "
            "reviews without labels and ratings by the starter; label some of them by hand with "
            "`review-sentiment label suggest FILE`"
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
    """Message about the class with the fewest different texts, and how many more are wanted."""
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
    """Different examples of a class that the splits need: one each."""
    return 2 if held.any() else 3


def _ways(
    texts: Sequence[str], groups: Sequence[str], labels: Integers, held: Bools
) -> list[tuple[_Units, _Units, list[str]]]:
    """Units of the test and of the validation split, and the ungrouped splits, best first."""
    by_text = _Units(texts, labels, {})
    if len(set(groups)) < 2:
        return [(by_text, by_text, [])]
    units = [f"group {group}" if group else text for text, group in zip(texts, groups, strict=True)]
    by_group = _Units(units, labels, FARTHEST)
    return [
        (by_group, by_group, []),
        (by_group, by_text, ["validation"]),
        (by_text, by_text, ["validation"] if held.any() else ["test", "validation"]),
    ]


class _Units:
    """Sets of examples that go to the same split: groups, or equal texts.

    Args:
        keys: Key of each example's unit.
        classes: Class of each example.
        farthest: Highest ratio of a choice for each split, see :func:`_ratio`.
    """

    def __init__(self, keys: Sequence[str], classes: Integers, farthest: dict[str, float]) -> None:
        index: dict[str, int] = {}
        self.of_examples = np.array([index.setdefault(key, len(index)) for key in keys])
        self.keys = list(index)
        self.classes = classes
        self.farthest = farthest

    def choose(self, split: str, among: Bools, share: float, seed: int, spare: int) -> Bools | None:
        """Choose whole units that together have a share of the examples of each class.

        Args:
            split: Name of the split.
            among: Mask of the examples to choose from.
            share: Wanted share of them.
            seed: Of the order in which units are visited.
            spare: Number of units of each class to leave.

        Returns:
            Mask of the chosen examples; None if the choice is too far from the wanted share.
        """
        counts = np.zeros((len(self.keys), int(self.classes.max()) + 1), np.intp)
        np.add.at(counts, (self.of_examples[among], self.classes[among]), 1)
        present = np.flatnonzero(counts.sum(1))
        ranks = {unit: _rank(self.keys[unit], seed) for unit in present.tolist()}
        order = sorted(ranks, key=ranks.__getitem__)
        wanted = (share * counts.sum(0)).tolist()
        if not all(wanted):
            return None
        ratio, chosen = _nearest(counts[order].tolist(), wanted, spare)
        if math.isinf(ratio) or ratio > self.farthest.get(split, math.inf):
            return None
        mask = np.zeros(len(self.keys), bool)
        mask[[order[place] for place in chosen]] = True
        picked: Bools = mask[self.of_examples] & among
        return picked


def _rank(unit: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {unit}".encode()).digest()


def _nearest(counts: list[list[int]], wanted: list[float], spare: int) -> tuple[float, list[int]]:
    """The first of the best greedy choices, which differ in the unit they start from.

    Returns:
        The ratio of the choice, see :func:`_ratio`, and the places of its units in ``counts``.
    """
    best, found = math.inf, (math.inf, list[int]())
    for start in range(min(len(counts), STARTS)):
        choice = _Choice(counts[start:] + counts[:start], wanted, spare)
        choice.fill()
        ratio = _ratio(choice.over, wanted)
        step = ratio if math.isinf(ratio) else (ratio - 1) // NEAR
        if step < best:
            best, found = step, (ratio, [(place + start) % len(counts) for place in choice.taken])
        if step == 0:
            break
    return found


class _Choice:
    """A greedy choice of units.

    The distance from the wanted numbers is the sum over the classes of the squared relative
    differences.

    Args:
        counts: Number of examples of each class in each unit, in the order of visits.
        wanted: Number of examples of each class to take.
        spare: Number of units of each class to leave.
    """

    def __init__(self, counts: list[list[int]], wanted: list[float], spare: int) -> None:
        self.counts = counts
        self.taken: list[int] = []
        self.over = [-number for number in wanted]
        self._left = [
            sum(number > 0 for number in one) - spare for one in zip(*counts, strict=True)
        ]
        self._weights = [number**-2 for number in wanted]

    def fill(self) -> None:
        """Take each unit that reduces the distance, then one of each class that has none."""
        for place, unit in enumerate(self.counts):
            if self._cost(unit) <= 0 and self._is_spare(unit):
                self._take(place)
                if min(self.over) > -0.5:
                    break
        for one in range(len(self.over)):
            if not any(self.counts[place][one] for place in self.taken):
                rest = set(range(len(self.counts))).difference(self.taken)
                units = {place: self.counts[place] for place in sorted(rest)}
                places = [at for at, unit in units.items() if unit[one] and self._is_spare(unit)]
                if places:
                    self._take(min(places, key=lambda place: self._cost(self.counts[place])))

    def _cost(self, unit: list[int]) -> float:
        """By how much the unit would increase the distance."""
        return sum(
            number * (number + 2 * over) * weight
            for number, over, weight in zip(unit, self.over, self._weights, strict=True)
            if number
        )

    def _is_spare(self, unit: list[int]) -> bool:
        return all(left > 0 for number, left in zip(unit, self._left, strict=True) if number)

    def _take(self, place: int) -> None:
        self.taken.append(place)
        for one, number in enumerate(self.counts[place]):
            self.over[one] += number
            self._left[one] -= number > 0


def _ratio(over: list[float], wanted: list[float]) -> float:
    """Highest ratio between taken and wanted numbers, of a class or of all classes.

    Differences of one example do not count. Infinite if a class has no example.
    """
    ratio = 1.0
    for more, number in [*zip(over, wanted, strict=True), (sum(over), sum(wanted))]:
        taken = round(more + number)
        if not taken:
            return math.inf
        ratio = max(ratio, (taken - 1) / number, (number - 1) / taken)
    return ratio
