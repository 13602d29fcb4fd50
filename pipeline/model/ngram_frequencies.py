"""Counts how many texts contain each n-gram; n-grams are identified by their hashes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from pipeline.starter.hashing import Hashes

MERGED_AT_ONCE = 8_000_000
"""Number of hashes after which the counts of the parts are merged; bounds memory."""

Frequencies = tuple[Hashes, npt.NDArray[np.int64]]
"""Sorted hashes, and the number of texts that contain each."""


def document_frequencies(parts: Iterable[tuple[npt.NDArray[np.uint32], Hashes]]) -> Frequencies:
    """Count the texts that contain each n-gram.

    Args:
        parts: For each part of the texts, the row and the hash of each n-gram occurrence.
    """
    counted: list[Frequencies] = []
    waiting = 0
    for rows, hashes in parts:
        counted.append(_of_part(rows, hashes))
        waiting += len(counted[-1][0])
        if waiting > MERGED_AT_ONCE:
            counted, waiting = [_merged(counted)], 0
    return _merged(counted)


def inverse(frequencies: npt.NDArray[np.int64], texts: int) -> npt.NDArray[np.float32]:
    """Smooth inverse document frequencies, rounded as scikit-learn rounds."""
    ratios = np.full(len(frequencies), texts + 1, np.float32)
    ratios /= frequencies.astype(np.float32) + np.float32(1)
    return np.log(ratios) + np.float32(1)


def _of_part(rows: npt.NDArray[np.uint32], hashes: Hashes) -> Frequencies:
    order = np.lexsort((rows, hashes))
    rows, hashes = rows[order], hashes[order]
    is_first = np.ones(len(rows), bool)
    is_first[1:] = (hashes[1:] != hashes[:-1]) | (rows[1:] != rows[:-1])
    distinct = hashes[is_first]
    return _summed(distinct, np.ones(len(distinct), np.int64))


def _merged(counted: list[Frequencies]) -> Frequencies:
    if not counted:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    hashes, counts = (np.concatenate(one) for one in zip(*counted, strict=True))
    order = np.argsort(hashes, kind="stable")
    return _summed(hashes[order], counts[order])


def _summed(hashes: Hashes, counts: npt.NDArray[np.int64]) -> Frequencies:
    """Sum the counts of equal hashes; the hashes must be sorted."""
    if not len(hashes):
        return hashes, counts
    begins = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1]))
    return hashes[begins], np.add.reduceat(counts, begins)
