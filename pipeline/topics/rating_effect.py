"""Effect of a mention of each topic on the rating, adjusted for the other topics."""

from __future__ import annotations

import numpy as np

from pipeline.arrays import Floats, Integers
from pipeline.runtime import one_blas_thread
from pipeline.topics.intervals import Z
from pipeline.topics.records import Interval

RIDGE = 1.0
"""Ridge penalty, as a number of reviews; keeps effects finite if topics always occur together."""
MIN_MENTIONS = 10
"""An effect is given if at least so many rated reviews mention a topic, and so many do not."""


def rating_effects(
    topics: Integers, reviews: Integers, ratings: Floats, count: int
) -> list[Interval | None]:
    """Regress the ratings of reviews on the topics that they mention.

    The model is ``rating = intercept + sum of the effects of the topics mentioned``, fitted by a
    ridge regression. Its penalty is so small (one review) that effects with many mentions are
    almost those of ordinary least squares. The 95 % intervals use the heteroscedasticity-robust
    covariance HC1 (MacKinnon and White, "Some Heteroskedasticity-Consistent Covariance Matrix
    Estimators", 1985), because ratings pile up at the ends of their scale.

    Args:
        topics: Topic of each mention, shape (mentions,); a review has at most one mention of each
            topic.
        reviews: Review of each mention.
        ratings: Rating of each review, nan without one, shape (reviews,).
        count: Number of topics.

    Returns:
        The effect of each topic in units of the rating; None with too few rated mentions.
    """
    import scipy.sparse as sp
    from scipy.linalg import cho_factor, cho_solve

    rated = np.flatnonzero(~np.isnan(ratings))
    row_of = np.full(len(ratings), -1)
    row_of[rated] = np.arange(len(rated))
    kept = row_of[reviews] >= 0
    rows = row_of[reviews[kept]]
    mentions = np.bincount(topics[kept], minlength=count)
    if len(rated) <= count + 1:
        return [None] * count
    indicators = sp.csr_matrix((np.ones(len(rows)), (rows, topics[kept])), (len(rated), count))
    design = sp.hstack([sp.csr_matrix(np.ones((len(rated), 1))), indicators], format="csr")
    penalty = np.diag([0.0, *[RIDGE] * count])
    with one_blas_thread():  # LAPACK's threads overflow the stack of a process that runs Java
        factor = cho_factor((design.T @ design).toarray() + penalty)
        bread = cho_solve(factor, np.eye(count + 1))
    effects = bread @ (design.T @ ratings[rated])
    residuals = ratings[rated] - design @ effects
    weighted = design.multiply(residuals[:, None]).tocsr()
    meat = (weighted.T @ weighted).toarray() * len(rated) / (len(rated) - count - 1)
    errors = np.sqrt(np.diag(bread @ meat @ bread))
    few = (mentions < MIN_MENTIONS) | (len(rated) - mentions < MIN_MENTIONS)
    return [
        None if few[one] else _interval(float(effects[one + 1]), float(errors[one + 1]))
        for one in range(count)
    ]


def _interval(value: float, error: float) -> Interval:
    return Interval(value=value, low=value - Z * error, high=value + Z * error)
