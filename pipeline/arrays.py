"""NumPy array types used across the packages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
Labels = npt.NDArray[np.float32]
"""Class indices, or ratings scaled to 0..1; see :mod:`pipeline.target.kinds`."""
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]


def offsets_of(sizes: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Where each of some consecutive rows begins, and where the last ends, shape (rows + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def ranges(begins: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The numbers from each beginning on, as many as its size says, one range after the other."""
    offsets = offsets_of(sizes)
    return np.repeat(begins - offsets[:-1], sizes) + np.arange(offsets[-1])


def spread(
    shares: Floats, begins: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], count: int
) -> Floats:
    """Add each share to every place of its range.

    Args:
        shares: What each place of a range gets.
        begins: First place of each range.
        sizes: Number of places of each range.
        count: Number of all places.

    Returns:
        Shape (count,).
    """
    changes = np.bincount(begins, shares, count + 1)
    changes -= np.bincount(begins + sizes, shares, count + 1)
    return np.asarray(np.cumsum(changes)[:count], np.float64)
