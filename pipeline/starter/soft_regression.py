"""Logistic regression on probabilities instead of labels, which scikit-learn does not support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pipeline.arrays import Floats
from pipeline.runtime import one_blas_thread

if TYPE_CHECKING:
    import scipy.sparse as sp

ITERATIONS = 120


def fit(matrix: sp.csr_matrix, shares: Floats, c: float) -> tuple[Floats, float]:
    """Minimize the cross-entropy with an L2 penalty by L-BFGS.

    Args:
        matrix: Features, shape (texts, features).
        shares: Probability of positive of each text, shape (texts,).
        c: Inverse regularization strength, as in scikit-learn.

    Returns:
        The weights, shape (features,), and the intercept.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    transposed = matrix.T.tocsr()

    def loss(point: Floats) -> tuple[float, Floats]:
        weights, logits = point[:-1], matrix @ point[:-1] + point[-1]
        entropy = np.sum(np.logaddexp(0, logits) - shares * logits)
        errors = expit(logits) - shares
        slope = np.append(transposed @ errors + weights / c, errors.sum())
        return float(entropy + weights @ weights / (2 * c)), slope

    start, options = np.zeros(matrix.shape[1] + 1), {"maxiter": ITERATIONS}
    with one_blas_thread():
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-1], float(found[-1])
