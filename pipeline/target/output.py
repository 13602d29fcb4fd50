"""From logits to probabilities and back: the logistic function for one output, else softmax."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels

SURE = 1e-6
"""How near to 0 and 1 a probability may come before its logit is taken."""
RARE = 0.01
"""Least share of a class that the untrained network predicts."""

Floats = npt.NDArray[np.float64]


class Link(ABC):
    """The last step of a network and of a regression, and the loss that goes with it.

    As in scikit-learn, the logits and probabilities of one output have the shape (examples,),
    those of several (examples, outputs).

    Attributes:
        outputs: How many numbers stand for an answer.
        activation: Keras's name of the step.
    """

    outputs: int
    activation: str

    @abstractmethod
    def probabilities(self, logits: Floats) -> Floats:
        """The probabilities that logits stand for."""

    @abstractmethod
    def logits(self, probabilities: Floats) -> Floats:
        """The other way round, with probabilities of 0 and 1 as if they were nearly so."""

    @abstractmethod
    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """Logit of each output when nothing but the labels and their weights is known."""

    @abstractmethod
    def shares(self, labels: Labels) -> Floats:
        """How much of each example belongs to each output, shape (examples, outputs)."""

    @abstractmethod
    def cross_entropy(self, logits: Floats, labels: Labels) -> Floats:
        """Of each example, shape (examples,)."""

    @abstractmethod
    def loss(self, labels: Any, probabilities: Any) -> Any:
        """The cross-entropy in Keras's operations.

        Takes the tensors labels (batch, 1) and probabilities (batch, outputs), returns (batch,).
        """


class Logistic(Link):
    """One output; a label is 0, 1, or anything between."""

    outputs = 1
    activation = "sigmoid"

    def probabilities(self, logits: Floats) -> Floats:
        """See :class:`Link`."""
        from scipy.special import expit

        return np.asarray(expit(logits))

    def logits(self, probabilities: Floats) -> Floats:
        """See :class:`Link`."""
        from scipy.special import logit

        return np.asarray(logit(np.clip(probabilities, SURE, 1 - SURE)))

    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """See :class:`Link`."""
        share = np.clip(np.average(labels.astype(np.float64), weights=weights), RARE, 1 - RARE)
        return [float(np.log(share / (1 - share)))]

    def shares(self, labels: Labels) -> Floats:
        """See :class:`Link`."""
        return labels[:, None].astype(np.float64)

    def cross_entropy(self, logits: Floats, labels: Labels) -> Floats:
        """See :class:`Link`."""
        if_one, if_zero = np.logaddexp(0, -logits), np.logaddexp(0, logits)
        return np.asarray(labels * if_one + (1 - labels) * if_zero)

    def loss(self, labels: Any, probabilities: Any) -> Any:
        """See :class:`Link`."""
        import keras

        return keras.losses.binary_crossentropy(labels, probabilities)


class Softmax(Link):
    """An output for each class; a label is the number of its class."""

    activation = "softmax"

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs

    def probabilities(self, logits: Floats) -> Floats:
        """See :class:`Link`."""
        from scipy.special import softmax

        return np.asarray(softmax(logits, axis=1))

    def logits(self, probabilities: Floats) -> Floats:
        """See :class:`Link`; softmax leaves open a sum, so they are the logarithms."""
        return np.log(np.clip(probabilities, SURE, 1))

    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """See :class:`Link`."""
        shares = np.bincount(labels.astype(np.intp), weights, self.outputs) / weights.sum()
        return [float(logit) for logit in np.log(np.maximum(shares, RARE))]

    def shares(self, labels: Labels) -> Floats:
        """See :class:`Link`."""
        return np.asarray(np.eye(self.outputs)[labels.astype(np.intp)])

    def cross_entropy(self, logits: Floats, labels: Labels) -> Floats:
        """See :class:`Link`."""
        from scipy.special import log_softmax

        of_label = log_softmax(logits, axis=1)[np.arange(len(labels)), labels.astype(np.intp)]
        return np.asarray(-of_label)

    def loss(self, labels: Any, probabilities: Any) -> Any:
        """See :class:`Link`."""
        import keras
        from keras import ops

        classes = ops.cast(labels[:, 0], "int32")
        return keras.losses.sparse_categorical_crossentropy(classes, probabilities)
