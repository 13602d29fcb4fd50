"""Chooses whole units (groups or equal texts) that together have a wanted share of each class.

Like scikit-learn's ``StratifiedGroupKFold``, a greedy choice of whole groups brings the number of
examples of each class near the wanted number. The groups are visited in the order of a seeded hash
instead of by size, so that choices hardly change when reviews are added.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Bools, Integers

FARTHEST = {"test": 2.0, "validation": 3.0}
"""Maximum ratio between the wanted and the chosen number of examples, in total and per class."""
NEAR = 0.5
"""Width of the steps of the ratio within which choices count as equally good."""
STARTS = 20
"""Maximum number of units from which the greedy choice is started."""


def units_of_groups(texts: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Key of each example's unit: its group, or its text if the group is empty."""
    return [f"group {group}" if group else text for text, group in zip(texts, groups, strict=True)]


class Units:
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
        """Choose whole units that together have a wanted share of the examples of each class.

        Args:
            split: Name of the split.
            among: Mask of the examples to choose from.
            share: Wanted share of these examples.
            seed: Seed of the order in which units are visited.
            spare: Number of units of each class that must not be chosen.

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

    def is_near(self, split: str, chosen: Bools, share: float) -> bool:
        """Whether the chosen examples have each class and are near the wanted share of all."""
        counts = np.bincount(self.classes, minlength=1)
        wanted = share * counts
        found = np.bincount(self.classes[chosen], minlength=len(counts))
        ratio = _ratio((found - wanted).tolist(), wanted.tolist())
        return not math.isinf(ratio) and ratio <= self.farthest.get(split, math.inf)


def _rank(unit: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {unit}".encode()).digest()


def _nearest(counts: list[list[int]], wanted: list[float], spare: int) -> tuple[float, list[int]]:
    """The best of several greedy choices that start from different units; the first one if equal.

    Returns:
        The ratio of the choice, see :func:`_ratio`, and the indices of its units in ``counts``.
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
        spare: Number of units of each class that must not be taken.
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
        """Take each unit that reduces the distance, then one for each class that is missing."""
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
    """Highest ratio between the taken and wanted numbers of examples, per class and in total.

    A difference of one example is ignored. Infinite if a class has no example.
    """
    ratio = 1.0
    for more, number in [*zip(over, wanted, strict=True), (sum(over), sum(wanted))]:
        taken = round(more + number)
        if not taken:
            return math.inf
        ratio = max(ratio, (taken - 1) / number, (number - 1) / taken)
    return ratio
