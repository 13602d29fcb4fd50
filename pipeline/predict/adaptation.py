"""Adapts the starter to the texts of another industry, without labels."""

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
"""Minimum number of distinct texts for the starter to adapt."""
MIN_TEXTS = 2


class Adapted(NamedTuple):
    """The starter adapted to some texts.

    Attributes:
        logits: Logit of each text, by regressions that were not trained on it, shape (texts,).
        regression: The mean of these regressions, joined with the starter; explains the logits.
            None if there were too few texts to adapt to.
    """

    logits: Floats
    regression: NgramRegression | None


def adapt(texts: Sequence[str]) -> Adapted:
    """Adapt the starter to the texts of another industry, without labels.

    Uses :mod:`pipeline.starter.self_training` on the texts' own n-grams. The logit of a text is the
    mean of the starter's logit and that of a regression that was not trained on the text.
    Self-training exaggerates the shares of the classes. So the mean logits are shifted: the share
    of negative texts becomes the average of the starter's share and the share before the shift.

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
