"""Trains the starter's network on cleaned texts without spaces and on probabilities.

The pieces of words come from a unigram language model (Kudo, "Subword Regularization: Improving
Neural Network Translation Models with Multiple Subword Candidates", 2018).
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats
from pipeline.model import network
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.runtime import seed_backend
from pipeline.settings import ModelSettings
from pipeline.starter.lstm import Lstm
from pipeline.starter.network import StarterNetwork
from pipeline.starter.pieces import Pieces
from pipeline.train.optimizer import apply_gradients, lazy_adam, warmup_cosine

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)

PIECES = 16_000
LONGEST_PIECE = 6
MODEL = ModelSettings(embedding_size=96, lstm_units=96, dropout=0.3, embedding_dropout=0.2)
EPOCHS = 3
BATCH_SIZE = 256
LEARNING_RATE = 0.003
SEED = 1
STEPS_PER_NOTE = 500


def build_network(texts: Sequence[str], shares: Floats) -> StarterNetwork:
    """Train the pieces and the network.

    Args:
        texts: Cleaned texts without spaces.
        shares: 1 for a positive text, 0 for a negative one, or a probability in between.
    """
    pieces = Pieces(learn_pieces(texts))
    flat, lengths = pieces.encode(texts)
    sequences = Sequences.cut(flat, lengths)
    logger.info("%.1f pieces per text", lengths.mean())
    seed_backend(SEED)
    model = network.build(MODEL, vocabulary_size=len(pieces), prior=[0.0], seed=SEED)
    _fit(model, sequences, np.asarray(shares, np.float32))
    return of_keras(model, pieces)


def of_keras(model: keras.Model, pieces: Pieces) -> StarterNetwork:
    """The starter's network with a functional network's weights, rounded as in the file."""

    def weights(name: str) -> list[npt.NDArray[np.float32]]:
        values: list[npt.NDArray[np.float32]] = model.get_layer(name).get_weights()
        return values

    (embedding,), (dense, bias) = weights(network.EMBEDDING), weights(network.LOGIT)
    forward, backward = (Lstm(*weights(direction)) for direction in network.DIRECTIONS)
    exact = StarterNetwork(pieces, embedding, forward, backward, dense[:, 0], float(bias[0]))
    return StarterNetwork.of_arrays(exact.arrays())


def learn_pieces(texts: Sequence[str]) -> list[str]:
    """The pieces of a unigram language model of the texts, in order of probability."""
    import sentencepiece

    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(text.lower() for text in texts),
        model_writer=content,
        vocab_size=PIECES,
        hard_vocab_limit=False,
        character_coverage=0.9995,
        max_sentencepiece_length=LONGEST_PIECE,
        normalization_rule_name="identity",
        add_dummy_prefix=False,
        minloglevel=2,
    )
    model = sentencepiece.SentencePieceProcessor(model_proto=content.getvalue())
    numbers = range(model.get_piece_size())
    return [model.id_to_piece(one) for one in numbers if not _is_special(model, one)]


def _is_special(model: Any, number: int) -> bool:
    return bool(model.is_control(number) or model.is_unknown(number) or model.is_unused(number))


def _fit(model: keras.Model, sequences: Sequences, shares: Floats) -> None:
    import keras
    import tensorflow as tf

    steps = EPOCHS * -(-len(sequences) // BATCH_SIZE)
    optimizer = lazy_adam(warmup_cosine(LEARNING_RATE, steps))
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.BinaryCrossentropy()

    @tf.function(  # type: ignore[untyped-decorator]
        input_signature=[
            tf.TensorSpec((None, None), tf.int32),
            tf.TensorSpec((None,), tf.float32),
        ]
    )
    def step(batch: tf.Tensor, wanted: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(wanted[:, None], model(batch, training=True))
        variables = model.trainable_variables
        apply_gradients(optimizer, tape.gradient(loss, variables), variables)
        return loss

    random, done, losses, began = np.random.default_rng(SEED), 0, [], time.monotonic()
    for _ in range(EPOCHS):
        for rows in batches_by_length(sequences.lengths, BATCH_SIZE, random):
            losses.append(step(sequences.padded(rows), shares[rows]))
            done += 1
            if done % STEPS_PER_NOTE == 0:
                mean = float(np.mean(losses[-STEPS_PER_NOTE:]))
                passed = time.monotonic() - began
                logger.info("step %d of %d, loss %.4f, %.0f s", done, steps, mean, passed)
