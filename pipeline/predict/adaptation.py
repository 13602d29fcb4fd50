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
from pipeline.starter.self_training import MOST_TEXTS, self_train
from pipeline.starter.starter import Starter

logger = logging.getLogger(__name__)

FEWEST_TEXTS = 200
"""Distinct texts; the starter does not adapt to fewer."""
MIN_TEXTS = 2


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

    By :mod:`pipeline.starter.self_training` on the texts' own n-grams. Each text is answered by a
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
    table, matrix = NgramTable.fit(texts, None, MIN_TEXTS)
    learnt = self_train(matrix, own, fold_numbers(texts, (own > 0).astype(int).tolist()))
    logger.info("adapted the starter to %s texts", f"{min(len(texts), MOST_TEXTS):,}")
    mean = (own + learnt.logits) / 2
    negative = (np.mean(own < 0) + np.mean(mean < 0)) / 2
    shift = float(np.quantile(mean, negative))
    regression = NgramRegression(
        table,
        np.append(learnt.weights / 2, 0.5).astype(np.float32),
        np.asarray(learnt.intercept / 2 - shift),
        starter,
    )
    return Adapted(mean - shift, regression)
