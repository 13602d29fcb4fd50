"""Compares labels with the starter's predictions, to notice a scale that is reversed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.starter.starter import Starter

MOST_OF_SIDE, FEWEST_OF_SIDE = 200, 10
"""Number of positive and of negative texts to compare."""
REVERSED = 0.4
"""Maximum ROC AUC of a reversed scale; that of other industries is 0.67 or more."""
DEVIATIONS = 3
"""Number of standard deviations by which the ROC AUC must be below that of chance."""
REVERSED_LABELS = (
    "the texts of negative reviews read positive, and those of positive reviews negative: if the "
    "lowest rating is the best one, turn the scale round with source.values, such as "
    'source.values = { "1" = 5, "2" = 4, "4" = 2, "5" = 1 }'
)
"""Warning if :func:`seem_reversed`."""


def seem_reversed(texts: Sequence[str], labels: npt.ArrayLike) -> bool:
    """Whether negative labels probably mean positive, by the starter's ROC AUC for a sample.

    Args:
        texts: Cleaned texts.
        labels: Label of each text, the higher the more positive. Labels in the middle between the
            lowest and the highest are not compared.

    Returns:
        False if there are too few positive or negative texts to tell.
    """
    values = np.asarray(labels, float)
    middle = (values.min() + values.max()) / 2 if len(values) else 0.0
    sides = [np.flatnonzero(values < middle), np.flatnonzero(values > middle)]
    if min(map(len, sides)) < FEWEST_OF_SIDE:
        return False
    random = np.random.default_rng(0)
    negative, positive = (
        Starter.load().logits([texts[row] for row in random.permutation(rows)[:MOST_OF_SIDE]])
        for rows in sides
    )
    ahead = positive[:, None] - negative
    auc = np.mean(ahead > 0) + np.mean(ahead == 0) / 2
    deviation = np.sqrt(sum(ahead.shape, 1) / (12 * ahead.size))  # Mann and Whitney, 1947
    return bool(auc <= min(REVERSED, 0.5 - DEVIATIONS * deviation))
