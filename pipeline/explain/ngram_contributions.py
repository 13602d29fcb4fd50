"""Token contributions to the wide branch's logit, which is linear in the n-gram features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Floats
from pipeline.explain.alignment import align
from pipeline.model.ngram_features import CHARACTERS, LONGEST_TEXT, MARK, TOKENS
from pipeline.model.ngrams import NgramRegression

Places = dict[int, list[range]]
"""Occurrences by n-gram index; each is a range of characters or of tokens."""


def contributions(
    regression: NgramRegression,
    weights: Floats,
    texts: Sequence[str],
    tokens: Sequence[Sequence[str]],
) -> Iterator[tuple[Floats, float]]:
    """Attribute the wide branch's logits of texts to their tokens.

    Each n-gram's contribution is divided equally among its occurrences, and an occurrence's among
    its tokens or characters; a character's share goes to the token that contains it. The starter's
    logit is divided likewise.

    Args:
        regression: The n-gram features.
        weights: Coefficient of each feature in the logit, shape (features,).
        texts: Cleaned texts.
        tokens: Tokens of each text.

    Yields:
        For each text the contributions of its tokens, shape (tokens,), and the remainder that
        belongs to no token, such as that of spaces.
    """
    matrix = regression.features(texts, tokens).matrix
    numbers = regression.vectorizer.vocabulary_
    for row, (text, own) in enumerate(zip(texts, tokens, strict=True)):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        indices = matrix.indices[inside]
        added = dict(zip(indices.tolist(), matrix.data[inside] * weights[indices], strict=True))
        characters, rest = _shared(added, _of_characters(text, numbers), len(text))
        if regression.starter is not None:
            characters += weights[-1] * regression.starter.contributions(text)
        parts, _ = _shared(added, _of_tokens(own, numbers), len(own))
        own_parts, between = by_token(characters, align(text, own))
        yield parts + own_parts, rest + between


def _of_characters(text: str, numbers: dict[str, int]) -> Places:
    lowered = text[:LONGEST_TEXT].lower()
    places: Places = defaultdict(list)
    for size in range(CHARACTERS[0], CHARACTERS[1] + 1):
        for begin in range(len(lowered) - size + 1):
            number = numbers.get(lowered[begin : begin + size])
            if number is not None:
                places[number].append(range(begin, begin + size))
    return places


def _of_tokens(tokens: Sequence[str], numbers: dict[str, int]) -> Places:
    marked = [MARK + token for token in tokens[:LONGEST_TEXT]]
    places: Places = defaultdict(list)
    for size in range(TOKENS[0], TOKENS[1] + 1):
        for begin in range(len(marked) - size + 1):
            number = numbers.get("".join(marked[begin : begin + size]))
            if number is not None:
                places[number].append(range(begin, begin + size))
    return places


def _shared(added: dict[int, float], places: Places, size: int) -> tuple[Floats, float]:
    """Share of each of ``size`` positions, and the total share of occurrences beyond them."""
    changes = np.zeros(size + 1)
    beyond = 0.0
    for number, occurrences in places.items():
        share = added.get(number, 0.0) / len(occurrences)
        for place in occurrences:
            if place.stop > size:
                beyond += share
            else:
                changes[place.start] += share / len(place)
                changes[place.stop] -= share / len(place)
    return np.cumsum(changes)[:size], beyond


def by_token(characters: Floats, spans: Sequence[tuple[int, int]]) -> tuple[Floats, float]:
    """Sum the characters of each token (equal spans share theirs), and those of no token."""
    sums = np.concatenate([[0.0], np.cumsum(characters)])
    sharing: dict[tuple[int, int], int] = defaultdict(int)
    for span in spans:
        sharing[span] += 1
    parts = np.array([(sums[end] - sums[begin]) / sharing[begin, end] for begin, end in spans])
    return parts, float(sums[-1] - parts.sum())
