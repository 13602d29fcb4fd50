"""Token contributions to the wide branch's logit, which is linear in the n-gram features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Floats, Integers, offsets_of, spread
from pipeline.explain.alignment import align
from pipeline.model.jamo import characters_of_jamo, decompose
from pipeline.model.ngram_features import NgramFeatures
from pipeline.model.ngram_table import Places
from pipeline.model.ngrams import NgramRegression

TEXTS_AT_ONCE = 250


def contributions(
    regression: NgramRegression,
    weights: Floats,
    texts: Sequence[str],
    tokens: Sequence[Sequence[str]],
) -> Iterator[tuple[Floats, float]]:
    """Attribute the wide branch's logits of texts to their tokens.

    The contribution of an n-gram is divided equally among its occurrences, and that of an
    occurrence equally among its tokens, characters or jamo. The share of a character goes to the
    token that contains it. The starter's logit is divided in the same way.

    Args:
        regression: The n-gram features.
        weights: Coefficient of each feature in the logit, shape (features,).
        texts: Cleaned texts.
        tokens: Tokens of each text.

    Yields:
        For each text the contributions of its tokens, shape (tokens,), and the remainder that
        belongs to no token, such as the contribution of spaces.
    """
    for begin in range(0, len(texts), TEXTS_AT_ONCE):
        some = slice(begin, begin + TEXTS_AT_ONCE)
        yield from _contributions(regression, weights, texts[some], tokens[some])


def _contributions(
    regression: NgramRegression,
    weights: Floats,
    texts: Sequence[str],
    tokens: Sequence[Sequence[str]],
) -> Iterator[tuple[Floats, float]]:
    table, lengths = regression.ngrams, np.array([len(text) for text in texts], np.int64)
    features = table.features(texts, tokens)
    added = features.values * weights[features.columns]
    characters, rest = _shared(features, added, table.character_places(texts), lengths)
    if regression.jamo is not None:
        letters = decompose(texts)
        of_jamo = regression.jamo.features(letters)
        added_by_jamo = of_jamo.values * weights[len(table) :][of_jamo.columns]
        places = regression.jamo.character_places(letters)
        sizes = np.array([len(one) for one in letters], np.int64)
        of_letters, beyond = _shared(of_jamo, added_by_jamo, places, sizes)
        origins = characters_of_jamo("".join(texts))
        characters += np.bincount(origins, of_letters, len(characters))
        rest += beyond
    if regression.starter is not None:
        characters += weights[-1] * regression.starter.contributions(texts)
    counts = np.array([len(own) for own in tokens], np.int64)
    parts, _ = _shared(features, added, table.token_places(tokens), counts)
    for text, own, of_tokens, of_characters, beyond_text in zip(
        texts,
        tokens,
        np.split(parts, np.cumsum(counts))[:-1],
        np.split(characters, np.cumsum(lengths))[:-1],
        rest.tolist(),
        strict=True,
    ):
        own_parts, between = by_token(of_characters, align(text, own))
        yield of_tokens + own_parts, beyond_text + between


def _shared(
    features: NgramFeatures, added: Floats, places: Places, sizes: Integers
) -> tuple[Floats, Floats]:
    """Share of each position, and for each text the share of n-grams that exceed its positions.

    Args:
        features: Features of the texts, in ascending order of their columns.
        added: Contribution of each feature to the logit.
        places: Occurrences of the n-grams.
        sizes: Number of positions of each text.

    Returns:
        Shapes (positions of all texts,) and (texts,).
    """
    rows = np.repeat(np.arange(len(sizes)), features.sizes)
    known = rows * features.width + features.columns
    which = np.searchsorted(known, places.rows * features.width + places.columns)
    shares = added[which] / np.bincount(which, minlength=len(known))[which]
    inside = places.begins + places.sizes <= sizes[places.rows]
    beyond = np.bincount(places.rows[~inside], shares[~inside], len(sizes)).astype(float)
    offsets = offsets_of(sizes)
    begins, lengths = (offsets[places.rows] + places.begins)[inside], places.sizes[inside]
    return spread(shares[inside] / lengths, begins, lengths, int(offsets[-1])), beyond


def by_token(characters: Floats, spans: Sequence[tuple[int, int]]) -> tuple[Floats, float]:
    """Sum the characters' contributions per token (equal spans share them), and the remainder."""
    sums = np.concatenate([[0.0], np.cumsum(characters)])
    sharing: dict[tuple[int, int], int] = defaultdict(int)
    for span in spans:
        sharing[span] += 1
    parts = np.array([(sums[end] - sums[begin]) / sharing[begin, end] for begin, end in spans])
    return parts, float(sums[-1] - parts.sum())
