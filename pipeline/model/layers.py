"""Layers for sequences padded at the end; they avoid Keras' masking, which slows LSTMs down.

Importing this module imports Keras; call :func:`pipeline.runtime.load_backend` first.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

PACKAGE = "review_sentiment"


@keras.saving.register_keras_serializable(PACKAGE)
class LastStateLSTM(keras.layers.LSTM):
    """LSTM that returns the state at each sequence's last token.

    Equals ``keras.layers.LSTM`` with a mask but is faster: padding after the last token cannot
    affect the state there, so all steps run unmasked and the last real one is gathered.
    """

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Return the states at the last tokens, (batch, units), from (batch, time, size).

        ``mask``, (batch, time), is true for tokens and false for the padding at the end.
        """
        states = super().call(sequences, initial_state, training=training)
        last = ops.sum(ops.cast(mask, "int32"), axis=1) - 1
        return tf.gather(states, last, axis=1, batch_dims=1)

    def compute_output_shape(self, sequences_shape: Any, *_: Any) -> tuple[int | None, int]:
        """Shape of the gathered states."""
        return sequences_shape[0], self.units

    def compute_mask(self, *_: Any) -> None:
        """None: the output has no time axis."""


@keras.saving.register_keras_serializable(PACKAGE)
class Reversed(keras.layers.Layer):
    """Reverses each sequence in time; the padding stays at the end."""

    def call(self, sequences: Any, real: Any) -> Any:
        """Reverse (batch, time, size); ``real``, (batch, time), is false for padding."""
        lengths = ops.sum(ops.cast(real, "int32"), axis=1)
        return tf.reverse_sequence(sequences, lengths, seq_axis=1)

    def compute_output_shape(self, sequences_shape: Any, *_: Any) -> Any:
        """Shape of the input."""
        return sequences_shape
