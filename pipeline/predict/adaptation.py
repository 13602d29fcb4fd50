"""Adapts the starter to the texts of another trade, without labels."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats
from pipeline.model.ngram_table import NgramTable
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.folds import fold_numbers
from pipeline.starter import soft_regression
from pipeline.starter.starter import Starter
from pipeline.target.binary import BINARY

logger = logging.getLogger(__name__)

FEWEST_TEXTS = 200
"""Distinct texts; the starter does not adapt to fewer."""
MOST_TEXTS = 20_000
"""Texts that it adapts to, the first ones of a larger table."""
MIN_TEXTS = 2
C = 1.0
"""Inverse regularization strength; the best of 0.3, 1 and 4 on three trades."""


class Adapted(NamedTuple):
    """The starter adapted to some texts.

    Attributes:
        logits: Of the texts, each by regressions that have not learnt from it, shape (texts,).
        regression: The mean of these regressions, joined with the starter; it explains the logits.
            None if there were too few texts to adapt to.
    """

    logits: Floats
    regression: NgramRegression | None


def adapt(texts: Sequence[str]) -> Adapted:
    """Adapt the starter to the texts of another trade, without labels.

    Self-training (Scudder, "Probability of error of some adaptive pattern-recognition machines",
    1965): a regression on the texts' own n-grams learns the starter's probabilities, and so the
    words of the trade that occur with those that the starter knows. Each text is answered by a
    regression that has not learnt from it, and by the starter; the mean of both logits counts.
    Self-training exaggerates the shares of the classes, so the mean is shifted until it calls as
    many texts negative as both do on average: the starter alone and the unshifted mean.

    Args:
        texts: Distinct cleaned texts.
    """
    starter = Starter.load()
    own = starter.logits(texts)
    if len(texts) < FEWEST_TEXTS:
        return Adapted(own, None)
    shares = BINARY.link.probabilities(own)
    folds = fold_numbers(texts, (own > 0).astype(int).tolist())
    table, matrix = NgramTable.fit(texts, None, MIN_TEXTS)
    learnt, parts = np.zeros(len(texts)), []
    is_learnt = np.zeros(len(texts), bool)
    is_learnt[:MOST_TEXTS] = True
    for fold in np.unique(folds):
        rest, held = (folds != fold) & is_learnt, folds == fold
        weights, intercept = soft_regression.fit(matrix[rest], shares[rest], C)
        learnt[held] = matrix[held] @ weights + intercept
        parts.append(np.append(weights, intercept))
    logger.info("the starter adapted to %s texts", f"{min(len(texts), MOST_TEXTS):,}")
    scale = own.std() / max(learnt.std(), 1e-9)
    mean = (own + learnt * scale) / 2
    negative = (np.mean(own < 0) + np.mean(mean < 0)) / 2
    shift = float(np.quantile(mean, negative))
    weights = np.mean(parts, axis=0) * scale / 2
    regression = NgramRegression(
        table,
        np.append(weights[:-1], 0.5).astype(np.float32),
        np.asarray(weights[-1] - shift),
        starter,
    )
    return Adapted(mean - shift, regression)
