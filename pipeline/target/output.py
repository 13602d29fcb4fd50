"""Link functions between logits and probabilities: logistic for one output, else softmax."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Labels

CLIP = 1e-6
"""Minimum distance of probabilities from 0 and 1 before they are converted to logits."""
MIN_PRIOR = 0.01
"""Minimum class share in the prior of an untrained network."""

Floats = npt.NDArray[np.float64]


class Link(ABC):
    """Output activation of a network or regression, with its loss.

    As in scikit-learn, logits and probabilities have the shape (examples,) for one output, else
    (examples, outputs).

    Attributes:
        outputs: Number of outputs.
        activation: Name of the Keras activation.
    """

    outputs: int
    activation: str

    @abstractmethod
    def probabilities(self, logits: Floats) -> Floats:
        """Convert logits to probabilities."""

    @abstractmethod
    def logits(self, probabilities: Floats) -> Floats:
        """Convert probabilities to logits; clips them to avoid infinity."""

    @abstractmethod
    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """Logits of the weighted mean label: the output biases of an untrained network."""

    @abstractmethod
    def shares(self, labels: Labels) -> Floats:
        """The labels as target values of the outputs, 0 to 1, shape (examples, outputs)."""

    @abstractmethod
    def cross_entropy(self, logits: Floats, labels: Labels) -> Floats:
        """Cross-entropy of each example, shape (examples,)."""

    @abstractmethod
    def loss(self, labels: Any, probabilities: Any) -> Any:
        """Cross-entropy of each example, in Keras operations.

        Args:
            labels: Tensor (batch, 1).
            probabilities: Tensor (batch, outputs).

        Returns:
            Tensor (batch,).
        """


class Logistic(Link):
    """Logistic function, one output; labels lie in 0..1.

    Uses only NumPy, because importing SciPy would delay a prediction by a third of a second.
    """

    outputs = 1
    activation = "sigmoid"

    def probabilities(self, logits: Floats) -> Floats:
        """See :class:`Link`."""
        return np.exp(-np.logaddexp(0, -np.asarray(logits, np.float64)))

    def logits(self, probabilities: Floats) -> Floats:
        """See :class:`Link`."""
        clipped = np.clip(np.asarray(probabilities, np.float64), CLIP, 1 - CLIP)
        return np.asarray(np.log(clipped) - np.log1p(-clipped))

    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """See :class:`Link`."""
        share = np.clip(
            np.average(labels.astype(np.float64), weights=weights), MIN_PRIOR, 1 - MIN_PRIOR
        )
        return [float(np.log(share / (1 - share)))]

    def shares(self, labels: Labels) -> Floats:
        """See :class:`Link`."""
        return labels[:, None].astype(np.float64)

    def cross_entropy(self, logits: Floats, labels: Labels) -> Floats:
        """See :class:`Link`."""
        of_one, of_zero = np.logaddexp(0, -logits), np.logaddexp(0, logits)
        return np.asarray(labels * of_one + (1 - labels) * of_zero)

    def loss(self, labels: Any, probabilities: Any) -> Any:
        """See :class:`Link`."""
        import keras

        return keras.losses.binary_crossentropy(labels, probabilities)


class Softmax(Link):
    """Softmax, one output per class; labels are class indices."""

    activation = "softmax"

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs

    def probabilities(self, logits: Floats) -> Floats:
        """See :class:`Link`."""
        from scipy.special import softmax

        return np.asarray(softmax(logits, axis=1))

    def logits(self, probabilities: Floats) -> Floats:
        """See :class:`Link`; the log-probabilities, since softmax is invariant to a shift."""
        return np.log(np.clip(probabilities, CLIP, 1))

    def prior_logits(self, labels: Labels, weights: Floats) -> list[float]:
        """See :class:`Link`."""
        shares = np.bincount(labels.astype(np.intp), weights, self.outputs) / weights.sum()
        return [float(logit) for logit in np.log(np.maximum(shares, MIN_PRIOR))]

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
