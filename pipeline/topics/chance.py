"""Significance tests: how likely a difference at least as large arises by chance alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pipeline.arrays import Floats, Integers

FALSE_FINDS = 0.05
"""Family-wise error rate: probability of any finding if all differences are due to chance."""


def excess(part: ArrayLike, part_of: ArrayLike, rest: ArrayLike, rest_of: ArrayLike) -> Floats:
    """Fisher's one-sided exact test that the share in a part is larger than in the rest.

    Args:
        part: Successes in the part, shape (comparisons,).
        part_of: Trials in the part, shape (comparisons,).
        rest: Successes in the rest, shape (comparisons,).
        rest_of: Trials in the rest, shape (comparisons,).

    Returns:
        p-values, shape (comparisons,).
    """
    from scipy.stats import hypergeom

    successes, of = np.asarray(part), np.asarray(part_of)
    total = of + np.asarray(rest_of)
    found: Floats = hypergeom.sf(successes - 1, total, successes + np.asarray(rest), of)
    return found


def beyond(chances: Floats) -> Integers:
    """Which of several comparisons are significant after Holm's correction for their number.

    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6, 1979.

    Args:
        chances: p-values, shape (comparisons,).

    Returns:
        Indices, smallest p-value first.
    """
    order = np.argsort(chances, kind="stable")
    limits = FALSE_FINDS / np.arange(len(chances), 0, -1)
    passed = np.logical_and.accumulate(chances[order] <= limits)
    sure: Integers = order[passed]
    return sure
