"""The network: Embedding -> LSTM -> Dense, alone or joined by a wide branch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.model.ngrams import NgramRegression
from pipeline.prepare.vocabulary import PAD, UNKNOWN
from pipeline.settings import ModelSettings

if TYPE_CHECKING:
    import keras

Seeds = Iterator[int]

EMBEDDING = "embedding"
"""Name of the embedding layer."""
LOGIT = "logit"
"""Name of the layer whose output is the deep branch's logits."""
DIRECTIONS = ("forward", "backward")
"""Names of the two LSTM layers, in the network and in what pretraining learns."""
COEFFICIENTS = "coefficients"
"""Name of the layer that holds the wide branch's weight of each n-gram."""
MERGE = "merge"
"""Name of the layer that sums both branches' logits."""


def build(
    settings: ModelSettings,
    *,
    vocabulary_size: int,
    prior: Sequence[float],
    seed: int,
    activation: str = "sigmoid",
) -> keras.Model:
    """Build the network, not yet compiled; of the functional one, the deep branch.

    Args:
        settings: Kind and sizes.
        vocabulary_size: Number of integers that can occur in a sequence.
        prior: Logit of each output before anything is learnt; becomes the initial bias.
        seed: Of the initial weights and of dropout. Keras would draw seeds from Python's global
            ``random``, of which other threads draw too.
        activation: From logits to probabilities.

    Returns:
        A model from sequences, int32 (batch, time) padded with 0 at the end, to probabilities,
        float32 (batch, outputs).
    """
    kinds = {"functional": _functional, "sequential": _sequential}
    return kinds[settings.kind](
        settings, vocabulary_size, prior, activation, itertools.count(1_000 * seed)
    )


def _embedding(
    settings: ModelSettings, vocabulary_size: int, seeds: Seeds, **options: Any
) -> keras.Layer:
    import keras

    uniform = keras.initializers.RandomUniform(seed=next(seeds))
    return keras.layers.Embedding(
        vocabulary_size,
        settings.embedding_size,
        embeddings_initializer=uniform,
        name=EMBEDDING,
        **options,
    )


def _lstm(settings: ModelSettings, seeds: Seeds) -> dict[str, Any]:
    import keras

    return {
        "units": settings.lstm_units,
        "kernel_initializer": keras.initializers.GlorotUniform(seed=next(seeds)),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=next(seeds)),
        "seed": 0,  # of a dropout that it has not; saved with the weights all the same
        "return_sequences": True,
    }


def _dense(prior: Sequence[float], seeds: Seeds, **options: Any) -> keras.Layer:
    import keras

    return keras.layers.Dense(
        len(prior),
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        bias_initializer=keras.initializers.Constant(list(prior)),
        **options,
    )


def _sequential(
    settings: ModelSettings,
    vocabulary_size: int,
    prior: Sequence[float],
    activation: str,
    seeds: Seeds,
) -> keras.Model:
    """The plain stack: the last state of one LSTM."""
    import keras
    from keras import layers

    from pipeline.model.layers import LastStateLSTM

    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="tokens"),
            _embedding(settings, vocabulary_size, seeds, mask_zero=True),
            layers.Dropout(settings.embedding_dropout, seed=next(seeds)),
            LastStateLSTM(**_lstm(settings, seeds)),
            layers.Dropout(settings.dropout, seed=next(seeds)),
            _dense(prior, seeds, activation=activation),
        ],
        name="sequential",
    )


def _functional(
    settings: ModelSettings,
    vocabulary_size: int,
    prior: Sequence[float],
    activation: str,
    seeds: Seeds,
) -> keras.Model:
    """An LSTM in both directions, its states pooled over time by maximum and by mean.

    Padding stands at the end, where neither direction reads it before a token, and is kept out
    of both pools: a probability does not depend on the batch, and no mask slows the LSTM down.
    """
    import keras
    from keras import layers, ops

    from pipeline.model.layers import Reversed

    tokens = keras.Input((None,), dtype="int32", name="tokens")
    real = ops.not_equal(tokens, PAD)
    drop = layers.Dropout(settings.word_dropout or 0.0, seed=next(seeds))
    kept = drop(ops.ones_like(tokens, "float32"))
    seen = ops.where(ops.logical_and(real, kept <= 0), UNKNOWN, tokens)
    embedded = _embedding(settings, vocabulary_size, seeds)(seen)
    embedded = layers.SpatialDropout1D(settings.embedding_dropout, seed=next(seeds))(embedded)
    forward, backward = (
        layers.LSTM(**_lstm(settings, seeds), name=direction)(one)
        for direction, one in zip(DIRECTIONS, (embedded, Reversed()(embedded, real)), strict=True)
    )
    states, real = layers.Concatenate()([forward, backward]), ops.expand_dims(real, -1)
    highest = ops.max(ops.where(real, states, -1.0), axis=1)
    total = ops.sum(ops.where(real, states, 0.0), axis=1)
    mean = ops.divide(total, ops.sum(ops.cast(real, "float32"), axis=1))
    pooled = layers.Dropout(settings.dropout, seed=next(seeds))(
        layers.Concatenate()([highest, mean])
    )
    logit = _dense(prior, seeds, name=LOGIT)(pooled)
    return keras.Model(tokens, layers.Activation(activation)(logit), name="deep")


def widen(
    deep: keras.Model,
    regression: NgramRegression,
    weights: tuple[float, float],
    bias: npt.NDArray[np.float64],
    activation: str = "sigmoid",
) -> keras.Model:
    """Join the trained deep branch with a wide one, linear in the n-grams of a text.

    The idea is that of Cheng et al., "Wide & Deep Learning for Recommender Systems" (2016).

    Args:
        deep: The functional network that :func:`build` made.
        regression: Holds the wide branch's coefficients.
        weights: Of the deep and of the wide logits in their sum.
        bias: Added to the sum, shape (outputs,).
        activation: From logits to probabilities.

    Returns:
        A model from sequences and the two arrays of :meth:`NgramFeatures.padded` to
        probabilities, float32 (batch, outputs).
    """
    import keras
    from keras import layers, ops

    ngrams = keras.Input((None,), dtype="int32", name="ngrams")
    values = keras.Input((None,), dtype="float32", name="ngram_weights")
    outputs = len(bias)
    coefficients = layers.Embedding(len(regression), outputs, name=COEFFICIENTS)
    wide = ops.sum(coefficients(ngrams) * ops.expand_dims(values, -1), axis=1)
    merge = layers.Dense(outputs, activation=activation, name=MERGE)
    probability = merge(layers.Concatenate()([deep.get_layer(LOGIT).output, wide]))
    model = keras.Model([deep.input, ngrams, values], probability, name="functional")
    coefficients.set_weights([regression.coefficients.reshape(-1, outputs)])
    kernel = np.concatenate([weight * np.eye(outputs) for weight in weights])
    merge.set_weights([kernel, bias + weights[1] * regression.intercept])
    return model


def summary(built: keras.Model) -> list[dict[str, Any]]:
    """Name, kind and number of parameters of each layer that has any."""
    return [
        {"name": layer.name, "kind": type(layer).__name__, "parameters": layer.count_params()}
        for layer in built.layers
        if layer.weights and layer.count_params()
    ]
