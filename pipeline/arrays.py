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
