"""Bootstrap intervals of a test split, and of a cross-validation.

The bootstrap (Efron, 1979) resamples the tested examples. In a cross-validation it draws whole
groups, because reviews of one group are similar. The intervals would still be too narrow: the
models of two folds share most of their training examples, so their errors are correlated, and the
spread over the folds hides how much another training set would change the figures (Bates, Hastie
and Tibshirani, "Cross-validation: what does it estimate and how well does it do it?", 2023). Nadeau
and Bengio ("Inference for the generalization error", 2003) multiply the variance of the mean of K
folds by 1 + K n₂ / n₁, with n₁ examples to train on and n₂ to test on: 2.25 for five folds. So the
distance between the figure and each bound is multiplied by 1.5, the square root of 2.25.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from pipeline.arrays import Bools, Floats, Integers
from pipeline.prepare.tested import UnderTest
from pipeline.prepare.units import units_of_groups

INTERVAL = (2.5, 97.5)
"""Percentiles that bound a 95% bootstrap interval."""


@dataclass(frozen=True)
class Resampling:
    """How examples are drawn, and how an interval is computed.

    Attributes:
        units: Number of each example's unit, shape (examples,); units are drawn as a whole.
        widening: Factor by which the distance between a figure and its bounds is multiplied.
    """

    units: Integers
    widening: float = 1.0

    @classmethod
    def of_split(cls, count: int) -> Self:
        """For a test split, whose examples are drawn one by one."""
        return cls(np.arange(count))

    @classmethod
    def of(cls, tested: UnderTest) -> Self:
        """For a cross-validation if there are folds, else for a test split."""
        if tested.folds is None:
            return cls.of_split(len(tested.labels))
        folds = len(np.unique(tested.folds))
        _, units = np.unique(units_of_groups(tested.texts, tested.groups), return_inverse=True)
        return cls(units, math.sqrt(1 + folds / (folds - 1)))

    def take(self, rows: Bools) -> Self:
        """The resampling of a subset of the examples, given as a mask."""
        _, units = np.unique(self.units[rows], return_inverse=True)
        return replace(self, units=units)

    def draw(self, random: np.random.Generator) -> Floats:
        """How often each example is drawn in one resample, shape (examples,)."""
        count = int(self.units.max()) + 1
        drawn = np.bincount(random.integers(0, count, count), minlength=count)
        weights: Floats = drawn[self.units].astype(np.float64)
        return weights

    def interval(
        self, value: float, draws: Sequence[float], limits: tuple[float, float] = (-np.inf, np.inf)
    ) -> list[float]:
        """The 95% interval of a figure.

        Args:
            value: The figure.
            draws: The figure in each resample.
            limits: Lowest and highest value that the figure can have.
        """
        bounds = np.nanpercentile(draws, INTERVAL)
        if self.widening != 1:
            bounds = np.clip(value + self.widening * (bounds - value), *limits)
        return [float(bound) for bound in bounds]
