"""The network: Embedding -> LSTM -> Dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.settings import ModelSettings
from pipeline.vocabulary import PAD, UNKNOWN

if TYPE_CHECKING:
    import keras


def build(settings: ModelSettings, *, vocabulary_size: int, positive_share: float) -> keras.Model:
    """Build the network, not yet compiled.

    Args:
        settings: Kind and sizes.
        vocabulary_size: Number of integers that can occur in a sequence.
        positive_share: Share of positive examples in training, between 0 and 1 (exclusive); the
            output's initial bias makes the untrained network predict it.

    Returns:
        A model from sequences, int32 (batch, time) padded with 0 at the end, to the probability
        of positive, float32 (batch, 1).
    """
    import keras
    import numpy as np

    bias = keras.initializers.Constant(float(np.log(positive_share / (1 - positive_share))))
    kinds = {"functional": _functional, "sequential": _sequential}
    return kinds[settings.kind](settings, vocabulary_size, bias)


def _sequential(
    settings: ModelSettings, vocabulary_size: int, bias: keras.initializers.Initializer
) -> keras.Model:
    """The plain stack: the last state of one LSTM."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((None,), dtype="int32", name="tokens"),
            layers.Embedding(vocabulary_size, settings.embedding_size, mask_zero=True),
            layers.Dropout(settings.dropout),
            layers.LSTM(settings.lstm_units),
            layers.Dropout(settings.dropout),
            layers.Dense(1, activation="sigmoid", bias_initializer=bias),
        ],
        name="sequential",
    )


def _functional(
    settings: ModelSettings, vocabulary_size: int, bias: keras.initializers.Initializer
) -> keras.Model:
    """An LSTM in both directions, its states pooled over time by maximum and by mean.

    Padding is kept out of both pools, so a probability does not depend on the batch.
    """
    import keras
    from keras import layers, ops

    tokens = keras.Input((None,), dtype="int32", name="tokens")
    real = ops.expand_dims(ops.not_equal(tokens, PAD), -1)
    kept = layers.Dropout(settings.word_dropout)(ops.cast(ops.not_equal(tokens, PAD), "float32"))
    seen = ops.where(ops.logical_or(kept > 0, ops.equal(tokens, PAD)), tokens, UNKNOWN)
    embedded = layers.Embedding(vocabulary_size, settings.embedding_size, mask_zero=True)(seen)
    embedded = layers.SpatialDropout1D(settings.dropout)(embedded)
    states = layers.Bidirectional(layers.LSTM(settings.lstm_units, return_sequences=True))(embedded)
    highest = ops.max(ops.where(real, states, -1.0), axis=1)
    total = ops.sum(ops.where(real, states, 0.0), axis=1)
    mean = ops.divide(total, ops.sum(ops.cast(real, "float32"), axis=1))
    pooled = layers.Dropout(settings.dropout)(layers.Concatenate()([highest, mean]))
    probability = layers.Dense(1, activation="sigmoid", bias_initializer=bias)(pooled)
    return keras.Model(tokens, probability, name="functional")
