"""A bidirectional LSTM language model for pretraining the network's layers."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.model.network import DIRECTIONS
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.progress import track
from pipeline.runtime import seed_backend
from pipeline.storage.files import atomic_path
from pipeline.train.mixed_precision import mixed_precision
from pipeline.train.optimizer import apply_gradients, lazy_adam, warmup_cosine
from pipeline.train.pretrained_layers import Layers, replace_rows

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


logger = logging.getLogger(__name__)


BATCH_SIZE = 256
LEARNING_RATE = 0.002
DROPOUT = 0.1
NEGATIVE_SAMPLES = 256
"""Negative classes of the sampled softmax, drawn for each batch."""
STEPS_BETWEEN_CHECKPOINTS = 500


def train_language_model(
    texts: Sequences,
    *,
    vocabulary_size: int,
    embedding_size: int,
    lstm_units: int,
    vectors: npt.NDArray[np.float32] | None,
    epochs: int,
    seed: int,
    checkpoint: Path | None = None,
) -> Layers:
    """Train a forward and a backward language model with a shared embedding.

    Pretraining an LSTM classifier this way follows Dai and Le, "Semi-supervised Sequence
    Learning" (2015). Input and output embedding are tied (Press and Wolf, 2017) and the softmax
    is sampled (Jean et al., 2015).

    Args:
        texts: Training texts of at least two tokens each.
        vocabulary_size: Number of token ids, by descending frequency.
        embedding_size: Size of the embedding.
        lstm_units: Units of the LSTM of each direction.
        vectors: Initial embedding, float32 (vocabulary_size, embedding_size); rows of zeros are
            initialized at random. None initializes all rows at random.
        epochs: Number of epochs.
        seed: Random seed.
        checkpoint: File written every ``STEPS_BETWEEN_CHECKPOINTS`` steps. If it exists, training
            resumes from it and gives the same layers as without the interruption.

    Returns:
        The embedding and both LSTMs; see :data:`pipeline.train.pretrained_layers.Layers`.
    """
    seed_backend(seed)
    steps = epochs * math.ceil(len(texts) / BATCH_SIZE)
    model = _LanguageModel(vocabulary_size, embedding_size, lstm_units, seed)
    if vectors is not None:
        model.set_embedding(vectors)
    optimizer = lazy_adam(warmup_cosine(LEARNING_RATE, steps))
    optimizer.build(model.variables)
    state, done, loss = [*model.variables, *optimizer.variables], 0, math.nan
    if checkpoint is not None and checkpoint.exists():
        done, loss = _load(checkpoint, state)
        logger.info("resuming the language model from step %s of %s", f"{done:,}", f"{steps:,}")
    batches = itertools.islice(_batches(texts, epochs, seed), done, None)
    with track("language model batches", steps) as progress:
        progress.advance(done)
        while part := list(itertools.islice(batches, STEPS_BETWEEN_CHECKPOINTS)):
            if checkpoint is not None:
                _save(checkpoint, state, done, loss)
            seed_backend(seed + done)
            step = model.compiled_step(optimizer)  # has its own random state
            for rows in part:
                loss = float(step(texts.padded(rows), texts.lengths[rows].astype(np.int32)))
                progress.advance(note=f"loss {loss:.3f}")
            done += len(part)
    logger.info("trained a language model on %s texts, last loss %.3f", f"{len(texts):,}", loss)
    return model.layers()


def _batches(texts: Sequences, epochs: int, seed: int) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the rows of each batch of all epochs."""
    for epoch in range(epochs):
        random = np.random.default_rng([seed, epoch])
        yield from batches_by_length(texts.lengths, BATCH_SIZE, random)


def _save(checkpoint: Path, state: list[Any], done: int, loss: float) -> None:
    arrays = {f"state_{number}": np.asarray(one) for number, one in enumerate(state)}
    with atomic_path(checkpoint) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, done=np.array(done), loss=np.array(loss), **arrays)


def _load(checkpoint: Path, state: list[Any]) -> tuple[int, float]:
    """Restore the state; returns the number of finished steps and the last loss."""
    with np.load(checkpoint, allow_pickle=False) as arrays:
        for number, variable in enumerate(state):
            variable.assign(arrays[f"state_{number}"])
        return int(arrays["done"]), float(arrays["loss"])


class _LanguageModel:
    """A shared embedding and, for each direction, an LSTM and a projection of its states."""

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

    @property
    def variables(self) -> list[Any]:
        found = [self.embedding, self.bias, *self.projections.values()]
        return found + [weights for lstm in self.lstms.values() for weights in lstm.weights]

    def set_embedding(self, vectors: npt.NDArray[np.float32]) -> None:
        self.embedding.assign(replace_rows(self.embedding.numpy(), vectors))

    def layers(self) -> Layers:
        found = {"embedding": self.embedding.numpy()}
        for name, lstm in self.lstms.items():
            found |= {f"{name}_{number}": one for number, one in enumerate(lstm.get_weights())}
        return found

    def compiled_step(self, optimizer: keras.optimizers.Optimizer) -> Callable[..., Any]:
        """Compile a training step from sequences (batch, time) and lengths (batch,) to the loss."""
        import tensorflow as tf

        variables = self.variables

        def step(sequences: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
            reverse = tf.reverse_sequence(sequences, lengths, seq_axis=1)
            has_next = tf.sequence_mask(lengths - 1, tf.shape(sequences)[1] - 1)
            lstms = self.lstms.values()
            with tf.GradientTape() as tape, mixed_precision(lstms, BATCH_SIZE):
                losses = [
                    self._loss(name, one, has_next)
                    for name, one in zip(DIRECTIONS, (sequences, reverse), strict=True)
                ]
                loss = tf.add_n(losses)
            gradients = tape.gradient(loss, [variable.value for variable in variables])
            apply_gradients(optimizer, gradients, variables)
            return loss / len(losses)

        signature = [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None,), tf.int32)]
        return tf.function(step, signature, autograph=False)  # type: ignore[no-any-return]

    def _loss(self, name: str, sequences: tf.Tensor, has_next: tf.Tensor) -> tf.Tensor:
        """Mean sampled-softmax loss of one direction's predictions of the next token."""
        import tensorflow as tf

        table, vocabulary_size = self.embedding.value, self.bias.shape[0]
        embedded = tf.nn.dropout(tf.gather(table, sequences[:, :-1]), DROPOUT)
        states = tf.boolean_mask(tf.cast(self.lstms[name](embedded), tf.float32), has_next)
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
