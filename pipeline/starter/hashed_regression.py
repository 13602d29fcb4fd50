"""A logistic regression over hashed character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, offsets_of, spread
from pipeline.starter.hashing import LONGEST_TEXT, counts, occurrences

BITS = 20
"""The n-grams are hashed into ``2 ** BITS`` buckets."""
IDF_STEPS = 16
"""An inverse document frequency is stored in 8 bits, in units of ``1 / IDF_STEPS``."""
TEXTS_AT_ONCE = 250


@dataclass(frozen=True)
class HashedRegression:
    """The model; its texts are cleaned and without spaces.

    Attributes:
        weights: int8, weight of each bucket in units of ``scale``, shape (2 ** BITS,).
        scale: Size of one unit.
        idf: uint8, inverse document frequency of each bucket in units of 1 / ``IDF_STEPS``.
        intercept: Logit of a text without n-grams.
    """

    weights: npt.NDArray[np.int8]
    scale: float
    idf: npt.NDArray[np.uint8]
    intercept: float

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits of positive, shape (texts,)."""
        parts = [
            self._logits(texts[begin : begin + TEXTS_AT_ONCE])
            for begin in range(0, len(texts), TEXTS_AT_ONCE)
        ]
        return np.concatenate([*parts, np.zeros(0)])

    def _logits(self, texts: Sequence[str]) -> Floats:
        found = counts(texts, BITS)
        values = tf_idf(found.counts, self.idf[found.buckets] / IDF_STEPS)
        rows = np.repeat(np.arange(len(texts)), np.diff(found.offsets))
        weighted = np.bincount(rows, values * self.weights[found.buckets], len(texts))
        lengths = np.sqrt(np.bincount(rows, values**2, len(texts)))
        return self.intercept + self.scale * weighted / np.maximum(lengths, 1e-12)

    def contributions(self, texts: Sequence[str]) -> Floats:
        """Contribution of each character to the logit of its text, without the intercept.

        An n-gram's contribution is divided equally among its occurrences and their characters.

        Returns:
            Shape (characters of all texts,); 0 for characters that are not read.
        """
        parts = [
            self._contributions(texts[begin : begin + TEXTS_AT_ONCE])
            for begin in range(0, len(texts), TEXTS_AT_ONCE)
        ]
        return np.concatenate([*parts, np.zeros(0)])

    def _contributions(self, texts: Sequence[str]) -> Floats:
        found = occurrences(texts, BITS)
        keys, which, times = np.unique(
            found.rows << BITS | found.buckets, return_inverse=True, return_counts=True
        )
        rows, buckets = keys >> BITS, keys & ((1 << BITS) - 1)
        values = tf_idf(times, self.idf[buckets] / IDF_STEPS)
        lengths = np.sqrt(np.bincount(rows, values**2, len(texts)))
        shares = self.scale * values * self.weights[buckets] / times
        shares /= np.maximum(lengths, 1e-12)[rows]
        sizes = np.array([len(text) for text in texts], np.int64)
        skipped = offsets_of(np.maximum(sizes - LONGEST_TEXT, 0))
        begins = found.begins + skipped[found.rows]
        return spread(shares[which] / found.sizes, begins, found.sizes, int(sizes.sum()))


def tf_idf(times: npt.NDArray[np.int64], idf: Floats) -> Floats:
    """Sublinear term frequency times inverse document frequency."""
    return np.asarray((1 + np.log(times)) * idf)
