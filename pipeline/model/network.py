"""The network: Embedding -> LSTM -> Dense, optionally joined with a wide n-gram branch."""

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

LSTM_UNITS = 128
"""Units of each LSTM unless set otherwise."""
EMBEDDING = "embedding"
"""Name of the embedding layer."""
LOGIT = "logit"
"""Name of the layer that outputs the deep branch's logits."""
DIRECTIONS = ("forward", "backward")
"""Names of the two LSTM layers, in the network and in pretrained layers."""
COEFFICIENTS = "coefficients"
"""Name of the layer with the wide branch's coefficient of each n-gram."""
MERGE = "merge"
"""Name of the layer that adds up the logits of both branches."""


def build(
    settings: ModelSettings,
    *,
    vocabulary_size: int,
    prior: Sequence[float],
    seed: int,
    activation: str = "sigmoid",
) -> keras.Model:
    """Build an untrained network; for the functional kind, its deep branch.

    Args:
        settings: Kind and sizes.
        vocabulary_size: Number of token ids.
        prior: Initial output bias: the logit of each output for an average text.
        seed: Seed of the initial weights and of dropout. Without it Keras would draw their seeds
            from Python's global ``random``, which other threads share.
        activation: Name of the output activation.

    Returns:
        An uncompiled model from token ids, int32 (batch, time) padded with 0 at the end, to
        probabilities, float32 (batch, outputs).
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
        "units": settings.lstm_units or LSTM_UNITS,
        "kernel_initializer": keras.initializers.GlorotUniform(seed=next(seeds)),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=next(seeds)),
        "seed": 0,  # unused, but serialized: fixed for reproducibility
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
    """Embedding, the last state of one LSTM, Dense."""
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
    """Embedding, bidirectional LSTM, max and mean pooling over time, Dense.

    Needs no Keras mask: padding is at the end for both directions and excluded from both pools,
    so that it affects neither states nor probabilities.
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
    """Join the trained deep branch with a wide branch that is linear in n-gram features.

    After Cheng et al., "Wide & Deep Learning for Recommender Systems" (2016).

    Args:
        deep: Trained functional network from :func:`build`.
        regression: Gives the coefficients and intercept of the wide branch.
        weights: Weights of the deep and the wide logits.
        bias: Bias of the weighted sum, shape (outputs,).
        activation: Name of the output activation.

    Returns:
        A model from token ids and the two arrays of :meth:`NgramFeatures.padded` to
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
    """Name, kind and parameter count of each layer with parameters."""
    return [
        {"name": layer.name, "kind": type(layer).__name__, "parameters": layer.count_params()}
        for layer in built.layers
        if layer.weights and layer.count_params()
    ]
