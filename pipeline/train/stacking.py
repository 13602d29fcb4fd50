"""Stacks the LSTM and the n-gram regression: a weighted sum of their logits."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from pipeline.arrays import Labels
from pipeline.model import network
from pipeline.model.inference import probabilities
from pipeline.model.ngrams import NgramFeatures, NgramRegression
from pipeline.prepare.sequences import Labelled
from pipeline.target.kinds import BINARY, Target
from pipeline.target.output import Floats, Link

if TYPE_CHECKING:
    import keras


logger = logging.getLogger(__name__)

PRIOR_MEAN = (0.3, 1.0)
"""Prior weights of the deep (LSTM) and the wide (n-gram) logits."""
PRIOR_PRECISION = 30.0
"""Precision of the normal prior around ``PRIOR_MEAN`` and a bias of 0."""


def join(
    deep: keras.Model,
    on_training: NgramRegression,
    on_all: NgramRegression,
    validation: Labelled,
    features: NgramFeatures,
    target: Target = BINARY,
    class_weights: str | None = None,
) -> tuple[keras.Model, dict[str, float]]:
    """Join the trained network with an n-gram regression by stacking.

    As in stacked generalization (Wolpert, 1992), the two weights are fitted on the validation
    split with a regression that was trained without it, and then applied to one trained with it.
    A prior keeps the weights near ``PRIOR_MEAN`` if the validation split is small.

    Args:
        deep: The trained functional network.
        on_training: Regression fitted to the training split.
        on_all: Regression fitted to the training and validation splits; the wide branch of the
            joined model.
        validation: Sequences and labels of the validation split.
        features: N-gram features of the validation split, in the same order.
        target: The prediction target.
        class_weights: As in scikit-learn.

    Returns:
        The joined model, and the weights of the logits, ``deep`` and ``wide``.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    sequences, labels = validation
    (of_deep, of_wide), bias = join_weights(
        target.link.logits(probabilities(deep, sequences)),
        on_training.logits(features),
        labels,
        compute_sample_weight(class_weights, labels),
        target.link,
    )
    joined = network.widen(deep, on_all, (of_deep, of_wide), bias, target.link.activation)
    logger.info("stacking weights: LSTM %.2f, n-grams %.2f", of_deep, of_wide)
    return joined, {"deep": of_deep, "wide": of_wide}


def join_weights(
    deep: Floats, wide: Floats, labels: Labels, weights: Floats, link: Link
) -> tuple[tuple[float, float], Floats]:
    """Fit the stacking weights: the maximum a posteriori estimate under a normal prior.

    Args:
        deep: Logits of the deep branch, shape (examples,) or (examples, outputs).
        wide: Logits of the wide branch, of the same shape.
        labels: Label of each example.
        weights: Sample weights, shape (examples,).
        link: Gives the cross-entropy of logits.

    Returns:
        The weights of the deep and wide logits, and the bias, shape (outputs,).
    """
    from scipy.optimize import minimize

    branches = np.stack([deep, wide], axis=-1)
    start = np.concatenate([PRIOR_MEAN, np.zeros(link.outputs)])

    def loss(point: Floats) -> float:
        logits = branches @ point[:2] + point[2:]
        penalty = PRIOR_PRECISION * np.sum((point - start) ** 2) / 2
        return float(np.sum(weights * link.cross_entropy(logits, labels)) + penalty)

    found = minimize(loss, start).x
    return (float(found[0]), float(found[1])), found[2:]
