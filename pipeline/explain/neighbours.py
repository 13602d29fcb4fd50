"""Words that a network takes for related, by the cosine of their embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.model.network import EMBEDDING
from pipeline.prepare.vocabulary import RESERVED, Vocabulary
from pipeline.tokenizer.base import is_word

if TYPE_CHECKING:
    import keras

SHOWN = 6
MOST_TOKENS = 10_000
"""The most frequent ones; what was seen a few times has hardly left its random beginning."""


def neighbours(
    model: keras.Model, vocabulary: Vocabulary, tokens: Sequence[str]
) -> dict[str, list[tuple[str, float]]]:
    """The ``SHOWN`` nearest words of each token in the embedding, and their cosines.

    Tokens that are not among the ``MOST_TOKENS`` most frequent ones are left out, as are words
    without a letter.
    """
    words = list(vocabulary.counts)[:MOST_TOKENS]
    vectors = model.get_layer(EMBEDDING).get_weights()[0][: len(words)]
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    is_shown = np.array([is_word(word) for word in words])
    is_shown[: len(RESERVED)] = False
    places = {word: place for place, word in enumerate(words)}
    found = {}
    for token in tokens:
        if token not in places:
            continue
        cosines = np.where(is_shown, vectors @ vectors[places[token]], -1.0)
        cosines[places[token]] = -1.0
        nearest = np.argsort(-cosines, kind="stable")[:SHOWN]
        found[token] = [(words[place], float(cosines[place])) for place in nearest]
    return found
