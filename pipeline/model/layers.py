"""Layers for sequences that are padded at the end, which need no mask and so are quick.

Importing this module imports Keras; call :func:`pipeline.runtime.load_backend` before.
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

PACKAGE = "review_sentiment"


@keras.saving.register_keras_serializable(PACKAGE)
class LastStateLSTM(keras.layers.LSTM):
    """The same answers as ``keras.layers.LSTM`` with a mask, without a mask's cost.

    What stands behind the last token cannot change the state at it, so all steps are computed
    and the state at each sequence's end is picked.
    """

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """States at the last tokens, (batch, units); the mask must be true up to them."""
        states = super().call(sequences, initial_state, training=training)
        last = ops.sum(ops.cast(mask, "int32"), axis=1) - 1
        return tf.gather(states, last, axis=1, batch_dims=1)

    def compute_output_shape(self, sequences_shape: Any, *_: Any) -> tuple[int | None, int]:
        """Of the picked states."""
        return sequences_shape[0], self.units

    def compute_mask(self, *_: Any) -> None:
        """One state a sequence: nothing to mask."""


@keras.saving.register_keras_serializable(PACKAGE)
class Reversed(keras.layers.Layer):
    """Each sequence from its last step to its first; the padding stays at the end."""

    def call(self, sequences: Any, real: Any) -> Any:
        """Reverse (batch, time, size); ``real``, (batch, time), is true up to the last step."""
        lengths = ops.sum(ops.cast(real, "int32"), axis=1)
        return tf.reverse_sequence(sequences, lengths, seq_axis=1)

    def compute_output_shape(self, sequences_shape: Any, *_: Any) -> Any:
        """The same."""
        return sequences_shape
