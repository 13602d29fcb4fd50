"""Trains word vectors on the training and unlabelled texts."""

from __future__ import annotations

import logging
import tempfile
from typing import Any

import numpy as np

from pipeline.prepare.sequences import Sequences
from pipeline.prepare.vocabulary import UNKNOWN
from pipeline.progress import track
from pipeline.runtime import count_workers
from pipeline.settings import PretrainSettings
from pipeline.train.pretrained_layers import Vectors

logger = logging.getLogger(__name__)

WINDOW = 5
NEGATIVE_SAMPLES = 5
MIN_COUNT = 5
"""Tokens that occur fewer times get no vector."""


def train_word_vectors(
    texts: Sequences, vocabulary_size: int, vector_size: int, settings: PretrainSettings
) -> Vectors:
    """Train a vector for each token of the vocabulary with gensim's word2vec.

    Skip-gram with negative sampling (Mikolov et al., "Distributed Representations of Words and
    Phrases and their Compositionality", 2013).

    Args:
        texts: Training texts.
        vocabulary_size: Number of token ids.
        vector_size: Size of a vector.
        settings: Number of epochs, threads and seed.

    Returns:
        float32 (vocabulary_size, vector_size), scaled to a mean squared row norm of 1; zeros for
        tokens that occur fewer than ``MIN_COUNT`` times.
    """
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    vectors = np.zeros((vocabulary_size, vector_size), np.float32)
    counts = np.bincount(texts.flat)
    counts[UNKNOWN : UNKNOWN + 1] = 0
    if counts.max() < MIN_COUNT:
        logger.info("word vectors skipped: no token occurs at least %d times", MIN_COUNT)
        return vectors
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as corpus:
        _write_sentences(texts, corpus)
        corpus.flush()
        with track("word vectors", settings.vector_epochs) as progress:

            class Progress(CallbackAny2Vec):
                def on_epoch_end(self, model: Any) -> None:
                    progress.advance()

            model = Word2Vec(
                corpus_file=corpus.name,
                vector_size=vector_size,
                window=WINDOW,
                min_count=MIN_COUNT,
                sg=1,
                negative=NEGATIVE_SAMPLES,
                epochs=settings.vector_epochs,
                seed=settings.seed,
                workers=count_workers(settings.workers),
                callbacks=[Progress()],
            )
    known = np.array([int(number) for number in model.wv.index_to_key])
    vectors[known] = model.wv.vectors
    vectors[known] /= np.sqrt(np.mean(vectors[known] ** 2)) * np.sqrt(vector_size)
    logger.info("trained %s word vectors on %s texts", f"{len(known):,}", f"{len(texts):,}")
    return vectors


def _write_sentences(sequences: Sequences, file: Any) -> None:
    """Write one text per line, as ids of its known tokens."""
    for start, stop in zip(sequences.offsets[:-1], sequences.offsets[1:], strict=True):
        row = sequences.flat[start:stop]
        file.write(" ".join(map(str, row[row != UNKNOWN].tolist())) + "\n")
