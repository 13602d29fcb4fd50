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
    """Start offset of each of several consecutive rows, then the end of the last: (rows + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def ranges(begins: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The integers of several ranges, one range after the other, given their starts and sizes."""
    offsets = offsets_of(sizes)
    return np.repeat(begins - offsets[:-1], sizes) + np.arange(offsets[-1])


def spread(
    shares: Floats, begins: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], count: int
) -> Floats:
    """Add each share to every position of its range.

    Args:
        shares: What is added to each position of a range.
        begins: First position of each range.
        sizes: Number of positions of each range.
        count: Total number of positions.

    Returns:
        Shape (count,).
    """
    changes = np.bincount(begins, shares, count + 1)
    changes -= np.bincount(begins + sizes, shares, count + 1)
    return np.asarray(np.cumsum(changes)[:count], np.float64)
