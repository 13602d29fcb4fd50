"""What each token adds to the wide branch's logit, which is linear in the n-grams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Floats
from pipeline.explain.alignment import align
from pipeline.model.ngrams import CHARACTERS, LONGEST_TEXT, MARK, TOKENS, NgramRegression

Places = dict[int, list[range]]
"""Of each n-gram, by its number: the characters or tokens of each of its occurrences."""


def contributions(
    regression: NgramRegression,
    weights: Floats,
    texts: Sequence[str],
    tokens: Sequence[Sequence[str]],
) -> Iterator[tuple[Floats, float]]:
    """Take the wide branch's logits of texts apart.

    What an n-gram adds is shared by its occurrences, what an occurrence adds by its tokens, and
    what an occurrence in the characters adds by its characters, each of which belongs to the
    token that it is in.

    Args:
        regression: Knows the n-grams.
        weights: What a unit of each n-gram's feature adds, shape (n-grams,).
        texts: Cleaned.
        tokens: Of each text.

    Yields:
        For each text what its tokens add, shape (tokens,), and what belongs to none of them, such
        as the spaces between.
    """
    matrix = regression.features(texts, tokens).matrix
    numbers = regression.vectorizer.vocabulary_
    for row, (text, own) in enumerate(zip(texts, tokens, strict=True)):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        indices = matrix.indices[inside]
        added = dict(zip(indices.tolist(), matrix.data[inside] * weights[indices], strict=True))
        characters, rest = _shared(added, _of_characters(text, numbers), len(text))
        parts, _ = _shared(added, _of_tokens(own, numbers), len(own))
        own_parts, between = _by_token(characters, align(text, own))
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
    """What falls to each of ``size`` places, and what falls beyond them."""
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


def _by_token(characters: Floats, spans: Sequence[tuple[int, int]]) -> tuple[Floats, float]:
    """Sums of the characters of each token, and of those of none; tokens in one place share it."""
    sums = np.concatenate([[0.0], np.cumsum(characters)])
    sharing: dict[tuple[int, int], int] = defaultdict(int)
    for span in spans:
        sharing[span] += 1
    parts = np.array([(sums[end] - sums[begin]) / sharing[begin, end] for begin, end in spans])
    return parts, float(sums[-1] - parts.sum())
