"""Layers for padded sequences, compared with Keras' own layers with a mask."""

from typing import Any

import numpy as np
import pytest


@pytest.fixture
def padded() -> tuple[Any, Any]:
    """Sequences (batch, time, size) and their mask (batch, time)."""
    random = np.random.default_rng(1)
    real = np.arange(7) < np.array([[7], [1], [4], [3]])
    return random.normal(size=(4, 7, 5)).astype(np.float32), real


def gradients(layer: Any, padded: tuple[Any, Any]) -> list[Any]:
    import keras
    import tensorflow as tf

    steps, real = map(tf.constant, padded)
    with tf.GradientTape() as tape:
        tape.watch(steps)
        answer = layer(steps, mask=real)
        loss = keras.ops.sum(keras.ops.square(answer))
    return [answer, *tape.gradient(loss, [steps, *layer.trainable_variables])]


def test_the_last_state_is_that_of_a_masked_lstm(padded: tuple[Any, Any]) -> None:
    import keras

    from pipeline.model.layers import LastStateLSTM

    ours, plain = LastStateLSTM(6, return_sequences=True), keras.layers.LSTM(6)
    for layer in (ours, plain):
        layer.build(padded[0].shape)
    ours.set_weights(plain.get_weights())
    for one, other in zip(gradients(ours, padded), gradients(plain, padded), strict=True):
        assert np.allclose(one, other, atol=1e-6)


def test_reversed_keeps_the_padding_at_the_end(padded: tuple[Any, Any]) -> None:
    from pipeline.model.layers import Reversed

    steps, real = padded
    reverse = np.asarray(Reversed()(steps, real))
    for row, length in enumerate(real.sum(axis=1)):
        assert np.array_equal(reverse[row, :length], steps[row, :length][::-1])
        assert np.array_equal(reverse[row, length:], steps[row, length:])


def test_pooling_equals_that_of_a_masked_bidirectional_lstm() -> None:
    import keras

    from pipeline.model.network import DIRECTIONS, EMBEDDING, LOGIT, build
    from pipeline.settings import ModelSettings

    sizes = ModelSettings(embedding_size=5, lstm_units=6)
    network = build(sizes, vocabulary_size=20, prior=[0.0], seed=1)
    tokens = np.array([[3, 4, 5, 6], [7, 8, 0, 0], [9, 0, 0, 0]], np.int32)
    embedded = network.get_layer(EMBEDDING)(tokens)
    both = keras.layers.Bidirectional(keras.layers.LSTM(6, return_sequences=True))
    both.build(embedded.shape)
    both.set_weights([one for name in DIRECTIONS for one in network.get_layer(name).get_weights()])
    states = np.asarray(both(embedded, mask=tokens != 0))
    pooled = [
        np.concatenate([states[row, :length].max(0), states[row, :length].mean(0)])
        for row, length in enumerate((tokens != 0).sum(axis=1))
    ]
    logits = network.get_layer(LOGIT)(np.stack(pooled))
    assert np.allclose(keras.ops.sigmoid(logits), network(tokens), atol=1e-6)
