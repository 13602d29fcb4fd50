"""Nearest neighbours of words in the embedding, by cosine similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model.network import EMBEDDING
from pipeline.prepare.vocabulary import RESERVED, Vocabulary
from pipeline.tokenizer.base import is_word

if TYPE_CHECKING:
    import keras

NEIGHBOURS_PER_TOKEN = 6
MOST_TOKENS = 10_000
"""Only the most frequent tokens are searched; embeddings of rare ones are close to random."""


def neighbours(
    model: keras.Model, vocabulary: Vocabulary, tokens: Sequence[str]
) -> dict[str, list[tuple[str, float]]]:
    """The ``NEIGHBOURS_PER_TOKEN`` nearest words of each token, with their cosine similarity.

    Searches the ``MOST_TOKENS`` most frequent tokens, without punctuation. Tokens that are not
    among them are missing from the result.
    """
    words = list(vocabulary.counts)[:MOST_TOKENS]
    vectors = model.get_layer(EMBEDDING).get_weights()[0][: len(words)]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    is_candidate = np.array([is_word(word) for word in words])
    is_candidate[: len(RESERVED)] = False
    ids = {word: number for number, word in enumerate(words)}
    found = {}
    for token in tokens:
        if token not in ids:
            continue
        cosines = np.where(is_candidate, vectors @ vectors[ids[token]], -1.0)
        cosines[ids[token]] = -1.0
        nearest = np.argsort(-cosines, kind="stable")[:NEIGHBOURS_PER_TOKEN]
        found[token] = [(words[number], float(cosines[number])) for number in nearest]
    return found
