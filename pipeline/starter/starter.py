"""A logistic regression over hashed character n-grams, trained on film reviews.

It knows Korean sentiment before it has seen a label of another trade.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Bools, Floats
from pipeline.bundled import bundled
from pipeline.starter.hashing import counts, occurrences
from pipeline.storage import names
from pipeline.storage.files import atomic_path

BITS = 20
"""The n-grams share ``2 ** BITS`` buckets."""
FILE = names.STARTER
IDF_STEPS = 16
"""Steps of an inverse document frequency of 1, which is kept in 8 bits."""
SHORTEST = 10
"""Characters; shorter texts are ignored where texts are compared, because they often coincide."""
TEXTS_AT_ONCE = 5_000

_NOISE = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Starter:
    """The model.

    Attributes:
        weights: int8, weight of each bucket in units of ``scale``, shape (2 ** BITS,).
        scale: Size of one unit.
        idf: uint8, inverse document frequency of each bucket in units of 1 / ``IDF_STEPS``.
        intercept: Logit of a text without n-grams.
        known: uint32, sorted hashes of the texts that it was trained on.
    """

    weights: npt.NDArray[np.int8]
    scale: float
    idf: npt.NDArray[np.uint8]
    intercept: float
    known: npt.NDArray[np.uint32]

    @classmethod
    def load(cls) -> Starter:
        """The starter that comes with the package; read once."""
        return _bundled()

    @classmethod
    def read(cls, content: bytes) -> Starter:
        """Read what :meth:`save` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return cls(
                arrays["weights"],
                float(arrays["scale"]),
                arrays["idf"],
                float(arrays["intercept"]),
                arrays["known"],
            )

    def save(self, path: Path) -> None:
        """Write the arrays."""
        with atomic_path(path) as temporary:
            np.savez_compressed(temporary, **vars(self))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits of positive.

        Args:
            texts: Cleaned texts.

        Returns:
            Shape (texts,).
        """
        parts = [
            self._logits(texts[begin : begin + TEXTS_AT_ONCE])
            for begin in range(0, len(texts), TEXTS_AT_ONCE)
        ]
        return np.concatenate([*parts, np.zeros(0)])

    def _logits(self, texts: Sequence[str]) -> Floats:
        found = counts([without_spaces(text) for text in texts], BITS)
        values = tf_idf(found.counts, self.idf[found.buckets] / IDF_STEPS)
        rows = np.repeat(np.arange(len(texts)), np.diff(found.offsets))
        weighted = np.bincount(rows, values * self.weights[found.buckets], len(texts))
        lengths = np.sqrt(np.bincount(rows, values**2, len(texts)))
        return self.intercept + self.scale * weighted / np.maximum(lengths, 1e-12)

    def contributions(self, text: str) -> Floats:
        """Contribution of each character to the logit of a text, without the intercept.

        An n-gram's contribution is divided equally among its occurrences and their characters.

        Args:
            text: Cleaned text.

        Returns:
            Shape (characters,); 0 for spaces and for characters beyond those that are read.
        """
        found = occurrences([without_spaces(text)], BITS)
        buckets, which, times = np.unique(found.buckets, return_inverse=True, return_counts=True)
        values = tf_idf(times, self.idf[buckets] / IDF_STEPS)
        length = max(float(np.sqrt(np.sum(values**2))), 1e-12)
        shares = self.scale * values * self.weights[buckets] / times / length
        changes = np.zeros(len(text) + 1)
        each = shares[which] / found.sizes
        np.add.at(changes, found.begins, each)
        np.add.at(changes, found.begins + found.sizes, -each)
        places = [place for place, letter in enumerate(text) if not letter.isspace()]
        result = np.zeros(len(text))
        result[places] = np.cumsum(changes)[: len(places)]
        return result

    def has_learnt_from(self, texts: Sequence[str]) -> Bools:
        """Whether each text is one that the starter was trained on; False for short ones."""
        hashed = np.fromiter(text_hashes(texts), np.int64, len(texts))
        return np.isin(hashed, self.known.astype(np.int64))


def without_spaces(text: str) -> str:
    """Reviews often lack the spaces that they should have, so none is read."""
    return _SPACE.sub("", text)


def tf_idf(times: npt.NDArray[np.int64], idf: Floats) -> Floats:
    """Sublinear term frequency times inverse document frequency."""
    return np.asarray((1 + np.log(times)) * idf)


def text_hashes(texts: Sequence[str]) -> Iterator[int]:
    """A 32-bit hash of each text without spaces, punctuation and case; -1 for a short text."""
    for text in texts:
        bare = _NOISE.sub("", text).lower()
        if len(bare) < SHORTEST:
            yield -1
        else:
            digest = hashlib.blake2b(bare.encode("utf-8", "surrogatepass"), digest_size=4)
            yield int.from_bytes(digest.digest(), "big")


@functools.cache
def _bundled() -> Starter:
    return Starter.read((bundled("starter") / FILE).read_bytes())
