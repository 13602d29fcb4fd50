"""Token contributions to the wide branch's logit, which is linear in the n-gram features."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Floats, Integers
from pipeline.explain.alignment import align
from pipeline.model.jamo import characters_of_jamo, decompose
from pipeline.model.ngram_table import Places
from pipeline.model.ngrams import NgramRegression


def contributions(
    regression: NgramRegression,
    weights: Floats,
    texts: Sequence[str],
    tokens: Sequence[Sequence[str]],
) -> Iterator[tuple[Floats, float]]:
    """Attribute the wide branch's logits of texts to their tokens.

    Each n-gram's contribution is divided equally among its occurrences, and an occurrence's among
    its tokens, characters or jamo; a character's share goes to the token that contains it. The
    starter's logit is divided likewise.

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
    table = regression.ngrams
    for row, (text, own) in enumerate(zip(texts, tokens, strict=True)):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns = matrix.indices[inside]
        added = matrix.data[inside] * weights[columns]
        characters, rest = _shared(columns, added, table.character_places(text), len(text))
        if regression.jamo is not None:
            (letters,) = decompose([text])
            places = regression.jamo.character_places(letters)
            places = places._replace(columns=places.columns + len(table))
            of_letters, beyond = _shared(columns, added, places, len(letters))
            characters += np.bincount(characters_of_jamo(text), of_letters, len(text))
            rest += beyond
        if regression.starter is not None:
            characters += weights[-1] * regression.starter.contributions(text)
        parts, _ = _shared(columns, added, table.token_places(own), len(own))
        own_parts, between = by_token(characters, align(text, own))
        yield parts + own_parts, rest + between


def _shared(columns: Integers, added: Floats, places: Places, size: int) -> tuple[Floats, float]:
    """Share of each of ``size`` positions, and the total share of occurrences beyond them.

    Args:
        columns: Columns of the features of a text, ascending.
        added: What each of them adds to the logit.
        places: Where its n-grams occur.
        size: Number of positions.
    """
    which = np.searchsorted(columns, places.columns)
    shares = added[which] / np.bincount(which, minlength=len(columns))[which]
    ends = places.begins + places.sizes
    inside = ends <= size
    each = (shares / places.sizes)[inside]
    changes = np.zeros(size + 1)
    np.add.at(changes, places.begins[inside], each)
    np.add.at(changes, ends[inside], -each)
    return np.cumsum(changes)[:size], float(shares[~inside].sum())


def by_token(characters: Floats, spans: Sequence[tuple[int, int]]) -> tuple[Floats, float]:
    """Sum the characters of each token (equal spans share theirs), and those of no token."""
    sums = np.concatenate([[0.0], np.cumsum(characters)])
    sharing: dict[tuple[int, int], int] = defaultdict(int)
    for span in spans:
        sharing[span] += 1
    parts = np.array([(sums[end] - sums[begin]) / sharing[begin, end] for begin, end in spans])
    return parts, float(sums[-1] - parts.sum())
