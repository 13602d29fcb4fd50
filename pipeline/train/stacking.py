"""Stacking: the LSTM and the n-gram regression, joined by two weights."""

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

EXPECTED = (0.3, 1.0)
"""Weight of the deep and of the wide logits before validation has its say."""
PRIOR = 30.0
"""Precision of the prior around ``EXPECTED`` and no bias."""


def join(
    deep: keras.Model,
    on_training: NgramRegression,
    on_all: NgramRegression,
    validation: Labelled,
    features: NgramFeatures,
    target: Target = BINARY,
    class_weights: str | None = None,
) -> tuple[keras.Model, dict[str, float]]:
    """Join the trained deep branch with a regression; validation says how much each counts.

    As in stacking (Wolpert 1992), the weights come from a regression that has not seen the
    validation split, and are then used with one that has. Where the validation split is too
    small to say much, they stay near the regression with a little of the network.

    Args:
        deep: The functional network, trained.
        on_training: Fitted to the training split.
        on_all: Fitted to the training and the validation split; becomes the wide branch.
        validation: Sequences and labels of the validation split.
        features: What both read of it, in the same order.
        target: What is predicted.
        class_weights: As in scikit-learn.

    Returns:
        The joined model, and the weight of each branch's logits: ``deep`` and ``wide``.
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
    logger.info("weight of the deep branch %.2f, of the wide one %.2f", of_deep, of_wide)
    return joined, {"deep": of_deep, "wide": of_wide}


def join_weights(
    deep: Floats, wide: Floats, labels: Labels, weights: Floats, link: Link
) -> tuple[tuple[float, float], Floats]:
    """Weight of the deep and of the wide logits, and the bias of each sum, (outputs,).

    The most likely ones under a normal prior around ``EXPECTED`` and no bias.

    Args:
        deep: Logits of the deep branch for each example.
        wide: Those of the wide branch.
        labels: Of each example.
        weights: How much each example counts.
        link: Says how likely a label is, given logits.
    """
    from scipy.optimize import minimize

    branches = np.stack([deep, wide], axis=-1)
    start = np.concatenate([EXPECTED, np.zeros(link.outputs)])

    def loss(point: Floats) -> float:
        logits = branches @ point[:2] + point[2:]
        far = np.sum((point - start) ** 2)
        return float(np.sum(weights * link.cross_entropy(logits, labels)) + PRIOR * far / 2)

    found = minimize(loss, start).x
    return (float(found[0]), float(found[1])), found[2:]
