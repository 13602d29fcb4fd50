"""Confidence intervals of shares and of their differences."""

from __future__ import annotations

import math

from pipeline.topics.records import Interval

Z = 1.959964
"""Quantile of the normal distribution for 95 %."""


def wilson(successes: float, trials: float) -> Interval:
    """Wilson's score interval of a share.

    Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    share = successes / trials
    centre = (share + Z**2 / (2 * trials)) / (1 + Z**2 / trials)
    half = (
        Z / (1 + Z**2 / trials) * math.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    )
    return Interval(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half))


def difference(before: Interval, after: Interval) -> Interval:
    """Newcombe's interval of the difference of two independent shares, ``after - before``.

    Newcombe, "Interval Estimation for the Difference Between Independent Proportions", 1998,
    method 10.

    Args:
        before: Interval of :func:`wilson`.
        after: Interval of :func:`wilson` for other reviews.
    """
    value = after.value - before.value
    down = math.hypot(after.value - after.low, before.high - before.value)
    up = math.hypot(after.high - after.value, before.value - before.low)
    return Interval(value=value, low=value - down, high=value + up)
