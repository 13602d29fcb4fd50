"""Fits the coefficients of n-gram features by logistic regression."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers, Labels
from pipeline.runtime import one_blas_thread
from pipeline.target.base import Target

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.linear_model import LogisticRegression

C_CHARACTERS = 4.0
"""Inverse regularization strength with character n-grams only."""
C_TOKENS = 8.0
"""Inverse regularization strength with token n-grams, where unit rows have smaller entries."""
C_JAMO = 4.0
"""Inverse regularization strength with jamo n-grams too, which then are most of the features."""


def new_model(*, has_tokens: bool, has_jamo: bool = False) -> LogisticRegression:
    """A logistic regression, warm-started if it is fitted again."""
    from sklearn.linear_model import LogisticRegression

    strength = C_TOKENS if has_tokens else C_CHARACTERS
    return LogisticRegression(C=C_JAMO if has_jamo else strength, max_iter=300, warm_start=True)


def fit(
    model: LogisticRegression,
    matrix: sp.csr_matrix,
    truth: Labels,
    target: Target,
    class_weights: str | None,
    scales: Floats,
    importance: Floats | float = 1.0,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Fit to scaled features; return the coefficients of the unscaled features and the intercept.

    The weight of a text is the weight of its class times its ``importance``.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight(class_weights, truth) * importance
    with one_blas_thread():
        target.regress(model, matrix, truth, weights)
    coefficients = (model.coef_ * scales).T.astype(np.float32)
    intercept = np.array(model.intercept_, np.float64)
    if target.link.outputs == 1:
        return coefficients[:, 0], intercept[0]
    return coefficients, intercept


def held_out_logits(
    matrix: sp.csr_matrix,
    folds: Integers,
    outputs: int,
    fit_to: Callable[[npt.NDArray[np.intp]], tuple[npt.NDArray[Any], Any]],
) -> Floats:
    """Logits of each fold's texts by a linear model that was fitted to the other folds.

    Args:
        matrix: Features, shape (texts, features); texts after the last one with a fold get no
            logits.
        folds: Number of each text's fold.
        outputs: Number of logits of a text.
        fit_to: Fits coefficients and an intercept to the given rows.

    Returns:
        Shape (texts with a fold,) or (texts with a fold, outputs).
    """
    logits = np.zeros((len(folds), outputs) if outputs > 1 else len(folds))
    for fold in np.unique(folds):
        coefficients, intercept = fit_to(np.flatnonzero(folds != fold))
        own = np.flatnonzero(folds == fold)
        logits[own] = matrix[own] @ coefficients + intercept
    return logits


def scale(matrix: sp.csr_matrix, scales: Floats) -> None:
    """Multiply each feature by its scale, in place."""
    matrix.data *= scales[matrix.indices]


def scales_of(
    matrix: sp.csr_matrix, truth: Labels, target: Target, *, has_tokens: bool
) -> npt.NDArray[np.float64]:
    """Scale of each n-gram: the square root of its largest absolute log-count ratio.

    Informative n-grams get larger features, hence less effective regularization. Without tokens
    all scales are 1.

    Args:
        matrix: Features, shape (texts, n-grams).
        truth: Label of each text.
        target: The prediction target.
        has_tokens: Whether there are n-grams of tokens.

    Returns:
        Shape (n-grams,).
    """
    if not has_tokens:
        return np.ones(matrix.shape[1])
    shares = target.link.shares(truth)
    has = (matrix > 0).astype(np.float64)
    with_, without = 1 + has.T @ shares, 1 + has.T @ (1 - shares)
    ratios = np.log(with_ / with_.sum(axis=0)) - np.log(without / without.sum(axis=0))
    return np.asarray(np.sqrt(np.abs(ratios).max(axis=1)))
