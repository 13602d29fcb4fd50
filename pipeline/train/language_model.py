"""A language model in both directions, whose layers the network begins with."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.model.network import DIRECTIONS
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.progress import track
from pipeline.runtime import seed_backend
from pipeline.settings import PretrainSettings
from pipeline.train.optimizer import apply_gradients, lazy_adam, warmed_up
from pipeline.train.pretrained_layers import Layers, set_rows

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


logger = logging.getLogger(__name__)


BATCH_SIZE = 256
LEARNING_RATE = 0.002
DROPOUT = 0.1
NEGATIVE_SAMPLES = 256
"""Tokens of the vocabulary beside which a right one is scored, drawn anew for each batch."""


def train_language_model(
    texts: Sequences,
    *,
    vocabulary_size: int,
    embedding_size: int,
    lstm_units: int,
    vectors: npt.NDArray[np.float32] | None,
    settings: PretrainSettings,
) -> Layers:
    """Learn to guess each token from those before it, and from those behind it.

    That a network which begins so learns better is the finding of Dai and Le, "Semi-supervised
    Sequence Learning" (2015). The embedding is also the output's weights (Press and Wolf 2017);
    the softmax is sampled (Jean et al. 2015).

    Args:
        texts: What to learn from, each of at least two tokens.
        vocabulary_size: Number of integers that can occur in a sequence, the frequent ones first.
        embedding_size: Length of a token's vector.
        lstm_units: Size of each direction's state.
        vectors: Where the embedding begins; rows of zeros begin at random.
        settings: Number of passes, seed.
    """
    seed_backend(settings.seed)
    epochs = settings.language_model_epochs
    steps = epochs * math.ceil(len(texts) / BATCH_SIZE)
    model = _LanguageModel(vocabulary_size, embedding_size, lstm_units, settings.seed)
    if vectors is not None:
        model.begin_with(vectors)
    step = model.compiled_step(lazy_adam(warmed_up(LEARNING_RATE, steps)))
    with track("language model batches", steps) as progress:
        for epoch in range(epochs):
            random = np.random.default_rng([settings.seed, epoch])
            for rows in batches_by_length(texts.lengths, BATCH_SIZE, random):
                loss = float(step(texts.padded(rows), texts.lengths[rows].astype(np.int32)))
                progress.advance(note=f"loss {loss:.3f}")
    logger.info("learnt a language model from %d texts, last loss %.3f", len(texts), loss)
    return model.layers()


class _LanguageModel:
    """An embedding, an LSTM for each direction, and a projection of its states."""

    def __init__(
        self, vocabulary_size: int, embedding_size: int, lstm_units: int, seed: int
    ) -> None:
        import keras

        initial = keras.initializers
        uniform = initial.RandomUniform(seed=seed)((vocabulary_size, embedding_size))
        self.embedding = keras.Variable(uniform)
        self.bias = keras.Variable(np.zeros(vocabulary_size, np.float32))
        self.lstms, self.projections = {}, {}
        for number, name in enumerate(DIRECTIONS, seed + 1):
            self.lstms[name] = keras.layers.LSTM(
                lstm_units,
                return_sequences=True,
                kernel_initializer=initial.GlorotUniform(seed=number),
                recurrent_initializer=initial.Orthogonal(seed=number),
            )
            self.lstms[name].build((None, None, embedding_size))
            projection = initial.GlorotUniform(seed=number)((lstm_units, embedding_size))
            self.projections[name] = keras.Variable(projection)

    def begin_with(self, vectors: npt.NDArray[np.float32]) -> None:
        self.embedding.assign(set_rows(self.embedding.numpy(), vectors))

    def layers(self) -> Layers:
        found = {"embedding": self.embedding.numpy()}
        for name, lstm in self.lstms.items():
            found |= {f"{name}_{number}": one for number, one in enumerate(lstm.get_weights())}
        return found

    def compiled_step(self, optimizer: keras.optimizers.Optimizer) -> Callable[..., Any]:
        """A function from sequences (batch, time) and their lengths to the loss before the step."""
        import tensorflow as tf

        variables = [self.embedding, self.bias, *self.projections.values()]
        variables += [weights for lstm in self.lstms.values() for weights in lstm.weights]
        optimizer.build(variables)

        def step(sequences: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
            reverse = tf.reverse_sequence(sequences, lengths, seq_axis=1)
            has_next = tf.sequence_mask(lengths - 1, tf.shape(sequences)[1] - 1)
            with tf.GradientTape() as tape:
                losses = [
                    self._loss(name, one, has_next)
                    for name, one in zip(DIRECTIONS, (sequences, reverse), strict=True)
                ]
                loss = tf.add_n(losses)
            gradients = tape.gradient(loss, [variable.value for variable in variables])
            apply_gradients(optimizer, gradients, variables)
            return loss / len(losses)

        signature = [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int32)]
        return tf.function(step, input_signature=signature)  # type: ignore[no-any-return]

    def _loss(self, name: str, sequences: tf.Tensor, has_next: tf.Tensor) -> tf.Tensor:
        """How badly one direction guesses the next token, from its left to its right."""
        import tensorflow as tf

        table, vocabulary_size = self.embedding.value, self.bias.shape[0]
        embedded = tf.nn.dropout(tf.gather(table, sequences), DROPOUT)
        states = tf.boolean_mask(self.lstms[name](embedded)[:, :-1], has_next)
        following = tf.cast(tf.boolean_mask(sequences[:, 1:], has_next), tf.int64)
        return tf.reduce_mean(
            tf.nn.sampled_softmax_loss(
                table,
                self.bias.value,
                following[:, None],
                tf.matmul(states, self.projections[name].value),
                min(NEGATIVE_SAMPLES, vocabulary_size // 2),
                vocabulary_size,
            )
        )
