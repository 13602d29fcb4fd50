"""Stacking: a weighted sum of the logits of several models.

As in stacked generalization (Wolpert, 1992), the weights are fitted to the logits of examples that
the models were not trained on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.arrays import Floats, Labels
from pipeline.model import network
from pipeline.model.inference import probabilities
from pipeline.model.naive_bayes import Bayes
from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.folds import FEW
from pipeline.prepare.sequences import Labelled
from pipeline.starter.self_training import SelfTrained
from pipeline.starter.starter import Starter
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.output import Link

if TYPE_CHECKING:
    import keras


logger = logging.getLogger(__name__)


class Prior(NamedTuple):
    """A normal prior with these weights and a bias of 0 as mean; matters with few examples."""

    weights: tuple[float, ...]
    precision: float


LSTM_AND_WIDE = Prior((0.3, 1.0), 30.0)
YOUNG_LSTM_AND_WIDE = Prior((0.05, 1.0), 1000.0)
"""For an LSTM without pretraining that was trained on few examples. It adds little, but seems to
add more on the validation split, because early stopping chose the epoch that is best there."""
WIDE_WEIGHTS = {"regression": 1.0, "naive Bayes": 0.0, "starter": 0.5}
"""Prior weights of the models that the wide branch joins."""
WIDE_PRECISION = 5.0
SLOPE_PENALTY = 10.0
"""Ridge penalty of the slope's distance from 1 in :func:`as_joined`, for few joined examples."""


def prior_for(examples: int, *, is_pretrained: bool) -> Prior:
    """The prior of the weights of an LSTM trained on so many examples and of the wide branch."""
    return LSTM_AND_WIDE if is_pretrained or examples >= FEW else YOUNG_LSTM_AND_WIDE


class Weights(NamedTuple):
    """How the logits of both branches are joined.

    Attributes:
        deep: Weight of the trained network.
        wide: Weight of the wide branch.
        bias: Shape (outputs,).
    """

    deep: float
    wide: float
    bias: Floats

    def logits(self, of_deep: Floats, of_wide: Floats) -> Floats:
        """The joined logits of some examples."""
        return self.deep * of_deep + self.wide * of_wide + _fitting(self.bias)


class Joined(NamedTuple):
    """A network joined with the wide branch.

    Attributes:
        model: The joined Keras model.
        weights: Weights of the logits, ``deep`` and ``wide``.
        logits: Joined logits of the validation split, by branches that were not trained on it.
    """

    model: keras.Model
    weights: dict[str, float]
    logits: Floats


def join(
    deep: keras.Model,
    regression: NgramRegression,
    held_out: Floats,
    validation: Labelled,
    target: Target = BINARY,
    class_weights: str | None = None,
    prior: Prior = LSTM_AND_WIDE,
) -> Joined:
    """Join the trained network with the wide branch.

    Args:
        deep: The trained functional network.
        regression: The wide branch.
        held_out: Logits of the validation split by a wide branch that was not trained on it.
        validation: Sequences and labels of the validation split.
        target: The prediction target.
        class_weights: As in scikit-learn.
        prior: Prior of the weights.
    """
    sequences, labels = validation
    of_deep = target.link.logits(probabilities(deep, sequences))
    weights = weigh(of_deep, held_out, labels, target, class_weights, prior=prior)
    activation = target.link.activation
    model = network.widen(deep, regression, (weights.deep, weights.wide), weights.bias, activation)
    logits = weights.logits(of_deep, held_out)
    return Joined(model, {"deep": weights.deep, "wide": weights.wide}, logits)


def weigh(
    of_deep: Floats,
    of_wide: Floats,
    labels: Labels,
    target: Target = BINARY,
    class_weights: str | None = None,
    prior: Prior = LSTM_AND_WIDE,
) -> Weights:
    """Fit the weights of both branches.

    Args:
        of_deep: Logits of examples that the network was not trained on.
        of_wide: Logits of the same examples by a wide branch that was not trained on them.
        labels: Their labels.
        target: The prediction target.
        class_weights: As in scikit-learn.
        prior: Prior of the weights.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight(class_weights, labels)
    (deep, wide), bias = join_weights([of_deep, of_wide], labels, weights, target.link, prior)
    logger.info("stacking weights: LSTM %.2f, n-grams %.2f", deep, wide)
    return Weights(deep, wide, bias)


def joined_loss(
    of_deep: Floats, of_wide: Floats, labels: Labels, weights: Floats, link: Link
) -> float:
    """Weighted mean cross-entropy of both branches, joined with the best-fitting weights."""
    (deep, wide), bias = join_weights([of_deep, of_wide], labels, weights, link, LSTM_AND_WIDE)
    logits = Weights(deep, wide, bias).logits(of_deep, of_wide)
    return float(np.mean(weights * link.cross_entropy(logits, labels)))


def as_joined(of_wide: Floats, joined: Floats) -> Floats:
    """Bring all held-out logits to the scale of the joined logits, known for the last ones only.

    The wide branch has held-out logits for more examples than the network. The network adds on
    average not 0 to the logits, especially if one class is rare, so a decision rule cannot be
    chosen on a mix of wide and joined logits. A regression of the joined logits on the wide ones
    brings all to one scale; it needs no labels.

    Args:
        of_wide: Logits of the wide branch, shape (examples,) or (examples, outputs).
        joined: Joined logits of the last of these examples.
    """
    size = len(joined)
    known, centre, mean = of_wide[-size:], of_wide[-size:].mean(axis=0), joined.mean(axis=0)
    added = joined - known - (mean - centre)
    slope = 1 + ((known - centre) * added).sum(axis=0) / (
        ((known - centre) ** 2).sum(axis=0) + SLOPE_PENALTY
    )
    rest: Floats = mean + slope * (of_wide[:-size] - centre)
    return np.concatenate([rest, joined])


def join_wide(
    regression: NgramRegression,
    held_out: Floats,
    texts: Sequence[str],
    labels: Labels,
    target: Target = BINARY,
    class_weights: str | None = None,
    starter: Starter | None = None,
    learnt: SelfTrained | None = None,
    bayes: Bayes | None = None,
) -> tuple[NgramRegression, Floats]:
    """Join an n-gram regression with the starter and further models.

    The starter's logit becomes the last feature of the regression.

    Args:
        regression: Fitted to all examples.
        held_out: Logits of some examples by regressions that were not trained on them.
        texts: Cleaned texts of these examples.
        labels: Their labels.
        target: The prediction target.
        class_weights: As in scikit-learn.
        starter: The starter, trained on none of the examples.
        learnt: Result of self-training on the regression's first features; its first logits
            belong to these examples. If given, the mean of its logit and the starter's replaces
            the starter's logit.
        bayes: Naive Bayes over the regression's features, with logits of these examples.

    Returns:
        The joined regression, and the joined logits of these examples.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    outputs = target.link.outputs
    direction = np.linspace(-1, 1, outputs) if outputs > 1 else np.ones(())
    branches = {"regression": held_out}
    if bayes is not None:
        branches["naive Bayes"] = bayes.logits
    if starter is not None:
        own = starter.logits(texts)
        if learnt is not None:
            own = (own + learnt.logits[: len(texts)]) / 2
        branches["starter"] = np.multiply.outer(own, direction)
    prior = Prior(tuple(WIDE_WEIGHTS[name] for name in branches), WIDE_PRECISION)
    weights = compute_sample_weight(class_weights, labels)
    found, bias = join_weights([*branches.values()], labels, weights, target.link, prior)
    of = dict(zip(branches, found, strict=True))
    shown = ", ".join(f"{name} {weight:.2f}" for name, weight in of.items())
    logger.info("stacking weights of the n-grams: %s", shown)
    logits = sum(of[name] * one for name, one in branches.items()) + _fitting(bias)
    coefficients = of["regression"] * regression.coefficients
    intercept = of["regression"] * regression.intercept + _fitting(bias)
    if bayes is not None:
        coefficients = coefficients + of["naive Bayes"] * bayes.coefficients
    if starter is not None:
        of_starter = of["starter"] * direction
        if learnt is not None:
            of_starter = of_starter / 2
            coefficients[: len(learnt.weights)] += np.multiply.outer(learnt.weights, of_starter)
            intercept = intercept + learnt.intercept * of_starter
        coefficients = np.concatenate([coefficients, of_starter[None]])
    joined = replace(
        regression,
        coefficients=coefficients.astype(np.float32),
        intercept=intercept,
        starter=starter,
    )
    return joined, logits


def join_weights(
    branches: Sequence[Floats], labels: Labels, weights: Floats, link: Link, prior: Prior
) -> tuple[tuple[float, ...], Floats]:
    """Fit the stacking weights: the maximum a posteriori estimate under the prior.

    Args:
        branches: Logits of each model, shape (examples,) or (examples, outputs).
        labels: Label of each example.
        weights: Sample weights, shape (examples,).
        link: Gives the cross-entropy of logits.
        prior: One weight for each model.

    Returns:
        The weight of each model, and the bias, shape (outputs,).
    """
    from scipy.optimize import minimize

    stacked, count = np.stack(branches, axis=-1), len(branches)
    start = np.concatenate([prior.weights, np.zeros(link.outputs)])

    def loss(point: Floats) -> float:
        logits = stacked @ point[:count] + point[count:]
        penalty = prior.precision * np.sum((point - start) ** 2) / 2
        return float(np.sum(weights * link.cross_entropy(logits, labels)) + penalty)

    found = minimize(loss, start).x
    return tuple(map(float, found[:count])), found[count:]


def _fitting(bias: Floats) -> Floats:
    """The bias in the shape of one example's logits: a number if there is one output."""
    return bias[0] if len(bias) == 1 else bias
