"""Confidence intervals of shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.topics.intervals import wilson


class Ratio(NamedTuple):
    """A share and Wilson's 95 % interval.

    Attributes:
        part: Numerator of the share.
        whole: Denominator; at least 1.
    """

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share, 0 to 1."""
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the interval."""
        found = wilson(self.part, self.whole)
        return found.low, found.high


def named_ratios(rows: Iterable[tuple[str, int, int]], fewest: int) -> dict[str, Ratio]:
    """The ratio of each name in rows of name, part and whole, if the whole is large enough."""
    return {name: Ratio(part, whole) for name, part, whole in rows if whole >= fewest}
