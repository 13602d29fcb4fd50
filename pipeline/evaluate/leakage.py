"""Train-test leakage: test texts that duplicate training texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from pipeline.arrays import Bools, Integers

SHINGLE = 3
"""Length of a shingle in characters."""
SHORTEST = 10
"""Minimum length in characters; shorter reviews are often equal without being copies."""
LIKENESS = 0.8
"""Minimum Jaccard index of near duplicates."""
BANDS, ROWS = 16, 4
"""Bands of the signature and rows per band: texts of Jaccard index s share a band with
probability 1 - (1 - s^4)^16."""
TEXTS_AT_ONCE = 20_000

_NOISE = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.)\1+")


def seen_before(training: Sequence[str], test: Sequence[str]) -> tuple[Bools, Bools]:
    """Find test texts that are exact or near duplicates of training texts.

    Texts are compared without spaces, punctuation, case and repeated letters. Near duplicates
    have a Jaccard index of shingles of at least ``LIKENESS``. Candidates come from banded MinHash
    signatures (Broder 1997; Leskovec et al., "Mining of Massive Datasets", ch. 3) and are then
    compared exactly. At the minimum index about one near duplicate in 5,000 is missed, above it
    fewer.

    Args:
        training: Texts of the training and validation splits.
        test: Texts of the test split.

    Returns:
        Two arrays of shape (test texts,): exact duplicates, and near but not exact duplicates.
    """
    learnt, asked = ([bare(text) for text in texts] for texts in (training, test))
    known = {text for text in learnt if len(text) >= SHORTEST}
    same = np.array([text in known for text in asked], bool)
    near = np.zeros(len(asked), bool)
    places: dict[tuple[int, int], list[int]] = defaultdict(list)
    wanted = [row for row, text in enumerate(asked) if not same[row] and len(text) >= SHORTEST]
    for row, keys in zip(wanted, _bands([asked[row] for row in wanted]), strict=True):
        for band, key in enumerate(keys):
            places[band, key].append(row)
    distinct = list(known)
    for text, keys in zip(distinct, _bands(distinct), strict=True):
        candidates = {row for band, key in enumerate(keys) for row in places.get((band, key), ())}
        for row in candidates:
            near[row] = near[row] or _likeness(text, asked[row]) >= LIKENESS
    return same, near


def seen_in_other_folds(texts: Sequence[str], folds: Integers) -> tuple[Bools, Bools]:
    """Same as :func:`seen_before`, comparing the texts of each fold with the other folds."""
    same, near = np.zeros(len(texts), bool), np.zeros(len(texts), bool)
    for fold in np.unique(folds):
        is_own = folds == fold
        own = [text for text, inside in zip(texts, is_own, strict=True) if inside]
        others = [text for text, inside in zip(texts, is_own, strict=True) if not inside]
        same[is_own], near[is_own] = seen_before(others, own)
    return same, near


def bare(text: str) -> str:
    """A text without spaces, punctuation, case and repeated letters."""
    return _REPEATED.sub(r"\1", _NOISE.sub("", text.casefold()))


def _shingles(text: str) -> set[str]:
    return {text[i : i + SHINGLE] for i in range(max(1, len(text) - SHINGLE + 1))}


def _likeness(first: str, second: str) -> float:
    one, other = _shingles(first), _shingles(second)
    return len(one & other) / len(one | other)


def _bands(texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield, for each text, one hash per band of its signature.

    Shingles are hashed by multiplication modulo 2^64 and a shift (Dietzfelbinger et al. 1997).
    """
    random = np.random.default_rng(1)
    factors = random.integers(0, 1 << 63, BANDS * ROWS, np.uint64) * np.uint64(2) + np.uint64(1)
    weights = random.integers(0, 1 << 63, (ROWS, 1), np.uint64)
    for start in range(0, len(texts), TEXTS_AT_ONCE):
        some = texts[start : start + TEXTS_AT_ONCE]
        points = np.frombuffer("".join(some).encode("utf-32-le"), np.uint32).astype(np.uint64)
        ends = np.cumsum([len(text) for text in some])
        starts = np.concatenate([[0], ends[:-1]])
        shingles = points[:-2] * np.uint64(1 << 42) ^ points[1:-1] * np.uint64(1 << 21) ^ points[2:]
        last = np.concatenate([np.arange(end - SHINGLE + 1, end) for end in ends])
        is_inside = np.ones(len(points), bool)
        is_inside[last] = False
        signature = np.empty((BANDS * ROWS, len(some)), np.uint64)
        hashed = np.empty(len(points), np.uint64)
        for number, factor in enumerate(factors):
            hashed[: len(shingles)] = shingles * factor >> np.uint64(32)
            hashed[~is_inside] = np.iinfo(np.uint64).max
            signature[number] = np.minimum.reduceat(hashed, starts)
        keys = (signature.reshape(BANDS, ROWS, -1) * weights).sum(axis=1)
        yield from keys.T.tolist()
