"""Probabilities that mean what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels
from pipeline.model.inference import probabilities
from pipeline.prepare.sequences import Sequences
from pipeline.target.output import Link

if TYPE_CHECKING:
    import keras

PRIOR = 30.0
"""Precision of the prior of the temperature's logarithm around 0: few examples say little."""
MOST = 10.0

Floats = npt.NDArray[np.float64]


def scale(
    built: keras.Model,
    sequences: Sequences,
    labels: Labels,
    link: Link,
    class_weights: str | None = None,
) -> float:
    """Divide the logits of a network by its temperature; returns the temperature.

    Args:
        built: Ends in a dense layer, whose weights are changed.
        sequences: Of the validation split, which training has not learnt from.
        labels: Theirs.
        link: Says how likely a label is, given logits.
        class_weights: As in scikit-learn.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight(class_weights, labels)
    found = temperature(link.logits(probabilities(built, sequences)), labels, weights, link)
    last = built.layers[-1]
    last.set_weights([part / found for part in last.get_weights()])
    return found


def temperature(logits: Floats, labels: Labels, weights: Floats, link: Link) -> float:
    """The number that logits are divided by, for the labels to be as likely as they can be.

    Guo et al., "On Calibration of Modern Neural Networks" (2017), under a normal prior.
    """
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        likely = link.cross_entropy(logits / np.exp(logarithm), labels)
        return float(np.sum(weights * likely) + PRIOR * logarithm**2 / 2)

    most = np.log(MOST)
    return float(np.exp(minimize_scalar(loss, bounds=(-most, most), method="bounded").x))


def calibrated_loss(logits: Floats, labels: Labels, weights: Floats, link: Link) -> float:
    """Weighted mean of the cross-entropy, with the logits at the temperature that suits them."""
    suited = logits / temperature(logits, labels, weights, link)
    return float(np.mean(weights * link.cross_entropy(suited, labels)))
