"""Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", 2017)."""

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

PRIOR_PRECISION = 30.0
"""Precision of the normal prior of the log temperature around 0; matters with few examples."""
MAX_TEMPERATURE = 10.0
"""The temperature is bounded by this and its reciprocal."""

Floats = npt.NDArray[np.float64]


def scale(
    built: keras.Model,
    sequences: Sequences,
    labels: Labels,
    link: Link,
    class_weights: str | None = None,
) -> float:
    """Fit the temperature of a network and divide its logits by it, in place.

    Args:
        built: Network whose last layer is dense; that layer's weights are scaled.
        sequences: Sequences of the validation split.
        labels: Labels of the validation split.
        link: Converts probabilities to logits and gives their cross-entropy.
        class_weights: As in scikit-learn.

    Returns:
        The temperature.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight(class_weights, labels)
    found = temperature(link.logits(probabilities(built, sequences)), labels, weights, link)
    last = built.layers[-1]
    last.set_weights([part / found for part in last.get_weights()])
    return found


def temperature(logits: Floats, labels: Labels, weights: Floats, link: Link) -> float:
    """Fit the temperature: the maximum a posteriori estimate under the prior.

    Args:
        logits: Shape (examples,) or (examples, outputs).
        labels: Shape (examples,).
        weights: Sample weights, shape (examples,).
        link: Gives the cross-entropy of logits.

    Returns:
        The positive number to divide the logits by; above 1 for an overconfident network.
    """
    from scipy.optimize import minimize_scalar

    def loss(logarithm: float) -> float:
        entropies = link.cross_entropy(logits / np.exp(logarithm), labels)
        return float(np.sum(weights * entropies) + PRIOR_PRECISION * logarithm**2 / 2)

    bound = np.log(MAX_TEMPERATURE)
    return float(np.exp(minimize_scalar(loss, bounds=(-bound, bound), method="bounded").x))


def calibrated_loss(logits: Floats, labels: Labels, weights: Floats, link: Link) -> float:
    """Weighted mean cross-entropy after temperature scaling; see :func:`temperature`."""
    scaled = logits / temperature(logits, labels, weights, link)
    return float(np.mean(weights * link.cross_entropy(scaled, labels)))
