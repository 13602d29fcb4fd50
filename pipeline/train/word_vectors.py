"""Word vectors, learnt from all texts but those of the validation and the test split."""

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
LEAST_COUNT = 5


def learn_vectors(
    texts: Sequences, vocabulary_size: int, vector_size: int, settings: PretrainSettings
) -> Vectors:
    """Learn a vector for each token of the vocabulary.

    Skip-gram with negative sampling (Mikolov et al., "Distributed Representations of Words and
    Phrases and their Compositionality", 2013), as gensim does it.

    Args:
        texts: What to learn from.
        vocabulary_size: Number of integers that can occur in a sequence.
        vector_size: Length of a vector.
        settings: Number of passes, threads, seed.

    Returns:
        float32 (vocabulary_size, vector_size), scaled to a mean square of 1 / vector_size for
        each row; of tokens that occur fewer than ``LEAST_COUNT`` times zeros.
    """
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    vectors = np.zeros((vocabulary_size, vector_size), np.float32)
    counts = np.bincount(texts.flat)
    counts[UNKNOWN : UNKNOWN + 1] = 0
    if counts.max() < LEAST_COUNT:
        logger.info("no word vectors: no token occurs %d times", LEAST_COUNT)
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
                min_count=LEAST_COUNT,
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
    logger.info("learnt %d word vectors from %d texts", len(known), len(texts))
    return vectors


def _write_sentences(sequences: Sequences, file: Any) -> None:
    """One text a line, as numbers of known tokens."""
    for start, stop in zip(sequences.offsets[:-1], sequences.offsets[1:], strict=True):
        row = sequences.flat[start:stop]
        file.write(" ".join(map(str, row[row != UNKNOWN].tolist())) + "\n")
