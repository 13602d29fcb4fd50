"""How likely chance alone makes a difference as large as the one that is seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pipeline.arrays import Floats, Integers

FALSE_FINDS = 0.05
"""Probability that anything is called beyond chance where all is chance."""


def excess(part: ArrayLike, part_of: ArrayLike, rest: ArrayLike, rest_of: ArrayLike) -> Floats:
    """Fisher's one-sided exact test that a share of a part is larger than that of the rest.

    Args:
        part: Successes in the parts, shape (comparisons,).
        part_of: Trials in the parts, likewise.
        rest: Successes in the rests.
        rest_of: Trials in the rests.

    Returns:
        p-values, shape (comparisons,).
    """
    from scipy.stats import hypergeom

    successes, of = np.asarray(part), np.asarray(part_of)
    total = of + np.asarray(rest_of)
    found: Floats = hypergeom.sf(successes - 1, total, successes + np.asarray(rest), of)
    return found


def beyond(chances: Floats) -> Integers:
    """Which of several comparisons are beyond chance, by Holm's correction for their number.

    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6, 1979.

    Args:
        chances: p-values, shape (comparisons,).

    Returns:
        Indices, surest first.
    """
    order = np.argsort(chances, kind="stable")
    limits = FALSE_FINDS / np.arange(len(chances), 0, -1)
    passed = np.logical_and.accumulate(chances[order] <= limits)
    sure: Integers = order[passed]
    return sure
