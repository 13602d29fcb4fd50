"""Merges spellings of one term: 프런트 and 프론트, 침구류 and 침구."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Floats, Integers

SUFFIXES = ("님", "류", "쪽", "측")
MIN_SYLLABLES = 3
"""Minimum syllables of terms that may differ by one jamo, so that 색상 and 책상 do not merge."""
MIN_COSINE = 0.1
"""Minimum cosine similarity of the vectors of two spellings."""
MIN_RATIO = 1.5
"""The usual spelling must be at least so many times as frequent."""


def merge_variants(names: Sequence[str], counts: Integers, vectors: Floats) -> Integers:
    """Find the usual spelling of each term.

    Two terms are spellings of one term if they differ by a suffix, or if they differ by one jamo
    (edit distance) and have similar neighbours.

    Args:
        names: The terms.
        counts: How often each occurs.
        vectors: Unit vectors of the terms, see :func:`pipeline.topics.embedding.term_vectors`.

    Returns:
        Index of the term that each becomes, shape (terms,).
    """
    target = merge_suffixes(names, counts)
    letters = [unicodedata.normalize("NFD", name) if _is_long(name) else "" for name in names]
    order = np.argsort(-counts, kind="stable").tolist()
    for rank, large in enumerate(order):
        if target[large] != large or not letters[large]:
            continue
        for small in order[rank + 1 :]:
            if (
                target[small] == small
                and counts[large] >= MIN_RATIO * counts[small]
                and letters[small]
                and _differ_by_one(letters[large], letters[small])
                and vectors[large] @ vectors[small] >= MIN_COSINE
            ):
                target[small] = large
    return _ends_of_chains(target)


def merge_suffixes(names: Sequence[str], counts: Integers) -> Integers:
    """Find the usual form of each term that also occurs with a suffix: 사장 and 사장님.

    Returns:
        Index of the term that each becomes, shape (terms,).
    """
    target = np.arange(len(names))
    index = {name: place for place, name in enumerate(names)}
    for place, name in enumerate(names):
        if not name.endswith(SUFFIXES):
            continue
        for suffix in SUFFIXES:
            other = index.get(name.removesuffix(suffix))
            if other is not None and other != place and len(names[other]) > 1:
                small, large = sorted((place, other), key=lambda one: (counts[one], -one))
                target[small] = large
    return _ends_of_chains(target)


def _ends_of_chains(target: Integers) -> Integers:
    while (target[target] != target).any():
        target = target[target]
    return target


def _is_long(name: str) -> bool:
    return len(name) >= MIN_SYLLABLES and name.isalpha()


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one insertion, deletion or replacement turns one string into the other."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    begin = 0
    shortest = min(len(one), len(other))
    while begin < shortest and one[begin] == other[begin]:
        begin += 1
    if len(one) == len(other):
        return one[begin + 1 :] == other[begin + 1 :]
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[begin + 1 :] == shorter[begin:]
