"""Word vectors."""

import numpy as np
import pytest

from pipeline.prepare.sequences import Sequences
from pipeline.settings import PretrainSettings
from pipeline.train.word_vectors import train_word_vectors

VOCABULARY = 50
"""Tokens 2 to 20 occur together, as do 21 to 39; the others never occur."""


def sequences(rows: int, seed: int) -> Sequences:
    random = np.random.default_rng(seed)
    first = np.where(random.random(rows) < 0.5, 2, 21)
    flat = (first[:, None] + random.integers(0, 19, (rows, 8))).astype(np.int32)
    return Sequences(flat.reshape(-1), np.arange(rows + 1, dtype=np.int64) * 8)


def test_tokens_that_occur_together_have_similar_vectors() -> None:
    texts = sequences(500, 1)
    settings = PretrainSettings(vector_epochs=40, workers=1)
    vectors = train_word_vectors(texts, VOCABULARY, 16, settings)
    assert vectors.shape == (VOCABULARY, 16)
    assert vectors.dtype == np.float32
    assert not vectors[[0, 1, 45]].any()
    known = vectors[2:40] / np.linalg.norm(vectors[2:40], axis=1, keepdims=True)
    cosines = known @ known.T
    assert cosines[:19, :19].mean() > cosines[:19, 19:].mean() + 0.2
    assert np.mean(np.sum(vectors[2:40] ** 2, axis=1)) == pytest.approx(1, rel=0.01)
    again = train_word_vectors(texts, VOCABULARY, 16, settings)
    np.testing.assert_array_equal(vectors, again)


def test_rare_tokens_have_no_vectors() -> None:
    vectors = train_word_vectors(sequences(2, 1), VOCABULARY, 16, PretrainSettings())
    assert vectors.shape == (VOCABULARY, 16)
    assert not vectors.any()
