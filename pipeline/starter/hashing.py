"""Hashed n-grams of characters.

Feature hashing (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009)
needs no vocabulary. This implementation needs only NumPy, so it starts fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SIZES = (1, 2, 3, 4)
"""Lengths of the n-grams in characters."""
LONGEST_TEXT = 2_000
"""Maximum number of characters of a text that are read; the rest is ignored."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd multiplier of the hash: 2^64 divided by the golden ratio (Knuth, TAOCP 6.4)."""

Hashes = npt.NDArray[np.uint64]


class Occurrences(NamedTuple):
    """Every occurrence of an n-gram in some texts.

    Attributes:
        rows: int64, the text of each occurrence.
        begins: int64, its first character among the characters of all texts.
        sizes: int64, its length in characters.
        buckets: int64, its bucket.
    """

    rows: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int64]


class Counts(NamedTuple):
    """Distinct n-grams of each text, in the layout of a compressed sparse row matrix.

    Attributes:
        buckets: int64, the bucket of each n-gram, all texts concatenated.
        counts: int64, how often it occurs in its text.
        offsets: Where each text begins in both arrays, shape (texts + 1,).
    """

    buckets: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]


def occurrences(texts: Sequence[str], bits: int) -> Occurrences:
    """Hash every n-gram of some texts into one of ``2 ** bits`` buckets."""
    cut = [text[:LONGEST_TEXT] for text in texts]
    codes, lengths = character_codes(cut)
    rows, found = np.repeat(np.arange(len(cut)), lengths), []
    for size, begins, hashes in ngram_hashes(codes, lengths, SIZES):
        buckets = (hashes * _FACTOR) >> np.uint64(64 - bits)
        sizes = np.full(len(begins), size, np.int64)
        found.append(Occurrences(rows[begins], begins, sizes, buckets.astype(np.int64)))
    return Occurrences(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def character_codes(texts: Sequence[str]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Codes of all texts' characters, concatenated, and the length of each text."""
    lengths = np.array([len(text) for text in texts], np.int64)
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(joined, "<u4").astype(np.uint64) + np.uint64(1), lengths


def ngram_hashes(
    codes: Hashes, lengths: npt.NDArray[np.int64], sizes: Sequence[int], seed: int = 0
) -> Iterator[tuple[int, npt.NDArray[np.int64], Hashes]]:
    """Hash every n-gram of some sequences.

    Args:
        codes: The elements of all sequences, none of them 0.
        lengths: Length of each sequence.
        sizes: Lengths of the n-grams, from 1 up.
        seed: Different seeds give different hashes.

    Yields:
        For each size, the size, the indices in ``codes`` at which its n-grams begin, and their
        hashes.
    """
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(codes))
    hashes = np.full(len(codes), seed, np.uint64)
    for size in sizes:
        following = np.zeros_like(codes)
        following[: max(0, len(codes) - size + 1)] = codes[size - 1 :]
        hashes = (hashes ^ following) * _FACTOR
        hashes ^= hashes >> np.uint64(32)
        begins = np.flatnonzero(left >= size)
        yield size, begins, hashes[begins]


def counts(texts: Sequence[str], bits: int) -> Counts:
    """Count the n-grams of each text in each of ``2 ** bits`` buckets."""
    found = occurrences(texts, bits)
    keys, times = np.unique(found.rows << bits | found.buckets, return_counts=True)
    offsets = np.searchsorted(keys, np.arange(len(texts) + 1) << bits)
    return Counts(keys & ((1 << bits) - 1), times, offsets)
