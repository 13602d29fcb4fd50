"""Token contributions to the deep branch's logit, by integrated gradients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats
from pipeline.model.network import COEFFICIENTS, EMBEDDING, LOGIT, MERGE
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.prepare.vocabulary import PAD, UNKNOWN
from pipeline.progress import track
from pipeline.runtime import load_backend

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

BATCH_SIZE = 64
STEPS = 5
"""Points of the integral from the baseline to the text, including both ends."""

Logits = Callable[[Any, Any], Any]
"""Function from token ids (batch, time) and embeddings (batch, time, size) to the logits of the
deep branch (batch, outputs)."""


@dataclass(frozen=True)
class Attributions:
    """Contributions of tokens: a row's ``logit`` is ``baseline`` plus their sum.

    Attributes:
        flat: Contribution of each token, all rows concatenated, float64.
        offsets: int64 of shape (rows + 1,), as in :class:`Sequences`.
        baseline: Logit of a text of equal length of ``<unk>`` tokens, shape (rows,).
        logit: Logit of the deep branch, shape (rows,).
    """

    flat: Floats
    offsets: npt.NDArray[np.int64]
    baseline: Floats
    logit: Floats

    def __len__(self) -> int:
        return len(self.logit)

    def __getitem__(self, row: int) -> Floats:
        """The contributions of a row's tokens, shape (tokens,)."""
        return self.flat[self.offsets[row] : self.offsets[row + 1]]

    @property
    def error(self) -> Floats:
        """Approximation error of the integral: baseline plus contributions minus logit, (rows,)."""
        rows = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        sums = np.bincount(rows, self.flat, len(self))
        return self.baseline + sums - self.logit


def attributions(model: keras.Model, sequences: Sequences, *, steps: int = STEPS) -> Attributions:
    """Attribute the logits of texts to their tokens.

    Integrated gradients on the embedding (Sundararajan et al., "Axiomatic Attribution for Deep
    Networks", 2017): averages the gradient along the straight line from a baseline to the text,
    with Gauss-Lobatto quadrature, whose end points also give both logits. The baseline is a text
    of equal length of ``<unk>`` tokens, which, unlike a zero embedding, occurs in training.
    Therefore unknown tokens contribute 0. For a model with two branches, this is the contribution
    of the deep branch; :mod:`pipeline.explain.ngram_contributions` covers the wide branch.

    Args:
        model: Sequential or functional network, joined with a wide branch or not.
        sequences: The encoded texts.
        steps: Points of the integral, at least 2. More reduce the error and take longer.

    Returns:
        The contributions, in the order of the sequences.
    """
    load_backend()
    weights, bias = contrast(model), 0.0
    if is_joined(model):
        kernel, constant = model.get_layer(MERGE).get_weights()
        bias = float(constant @ weights)
        weights = kernel[: len(weights)] @ weights
    integrate = _compiled(model, weights, steps)
    flat = np.empty(len(sequences.flat))
    ends = np.empty((2, len(sequences)))
    with track("explain", len(sequences)) as progress:
        for rows in batches_by_length(sequences.lengths, BATCH_SIZE):
            tokens = sequences.padded(rows)
            parts, *ends[:, rows] = (np.asarray(found) for found in integrate(tokens))
            lengths, places = sequences.lengths[rows, None], np.arange(tokens.shape[1])
            real = places < lengths
            flat[(sequences.offsets[rows, None] + places)[real]] = parts[real]
            progress.advance(len(rows))
    baseline, logit = ends + bias
    return Attributions(flat, sequences.offsets, baseline, logit)


def is_joined(model: keras.Model) -> bool:
    """Whether the model has a wide branch."""
    return MERGE in {layer.name for layer in model.layers}


def ngram_weights(model: keras.Model) -> Floats:
    """Coefficient of each n-gram feature in a joined model's logit, shape (n-grams,)."""
    weights = contrast(model)
    of_wide = model.get_layer(MERGE).get_weights()[0][len(weights) :] @ weights
    return np.asarray(model.get_layer(COEFFICIENTS).get_weights()[0] @ of_wide, np.float64)


def contrast(model: keras.Model) -> Floats:
    """Weights of the logits, shape (outputs,): last output minus first, or 1 for a single output.

    The explained quantity is thus the log-odds of positive against negative.
    """
    weights = np.zeros(model.output_shape[-1])
    weights[0] = -1
    weights[-1] = 1
    return weights


def lobatto(count: int) -> tuple[Floats, Floats]:
    """Gauss-Lobatto points on [0, 1] and their weights, which sum to 1.

    Exact for polynomials up to degree ``2 * count - 3`` (Abramowitz and Stegun, 25.4.32).
    """
    legendre = np.polynomial.Legendre.basis(count - 1)
    points = np.concatenate([[-1], np.sort(legendre.deriv().roots().real), [1]])
    weights = 1 / (count * (count - 1) * legendre(points) ** 2)
    return (points + 1) / 2, weights


def _compiled(model: keras.Model, output_weights: Floats, steps: int) -> Any:
    """Compile a function from token ids to contributions (batch, time) and both ends' logits."""
    import tensorflow as tf

    logits, embedding = _after_embedding(model), model.get_layer(EMBEDDING)
    points, weights = (tf.constant(one, tf.float32) for one in lobatto(steps))
    summed = tf.constant(output_weights[:, None], tf.float32)

    def integrate(tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        start = embedding(tf.where(tokens == PAD, PAD, UNKNOWN))
        direction = embedding(tokens) - start
        path = start + points[:, None, None, None] * direction
        shape = tf.shape(path)
        path = tf.reshape(path, tf.concat([[-1], shape[2:]], 0))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(path)
            logit = tf.matmul(logits(tf.tile(tokens, [steps, 1]), path), summed)
        gradient = tf.reshape(tape.gradient(logit, path), shape)
        parts = tf.reduce_sum(direction * tf.tensordot(weights, gradient, 1), -1)
        along = tf.reshape(logit, shape[:2])
        return parts, along[0], along[-1]

    return tf.function(integrate, [tf.TensorSpec((None, None), tf.int32)], autograph=False)


def _after_embedding(model: keras.Model) -> Logits:
    """The part of a model's deep branch after the embedding."""
    import keras
    from keras import ops

    if isinstance(model, keras.Sequential):
        lstm, dense = (layer for layer in model.layers[1:] if layer.weights)

        def logits(tokens: Any, embedded: Any) -> Any:
            state = lstm.call(embedded, mask=tokens != PAD)
            return ops.matmul(state, dense.kernel) + dense.bias

        return logits
    embedded, logit = model.get_layer(EMBEDDING).output, model.get_layer(LOGIT).output
    rest = keras.Model([model.inputs[0], embedded], logit)
    return lambda *inputs: rest(inputs, training=False)
