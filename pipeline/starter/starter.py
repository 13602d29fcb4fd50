"""A small, pretrained sentiment model for Korean that needs no labels of the user's reviews.

It was trained on film reviews and combines two models: a logistic regression over character
n-grams, which knows words, and a small LSTM over pieces of words, which knows their context. The
prediction is the mean of both logits.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Bools, Floats
from pipeline.bundled import bundled
from pipeline.starter.hashed_regression import HashedRegression
from pipeline.starter.network import StarterNetwork
from pipeline.storage import names
from pipeline.storage.files import atomic_write

FILE = names.STARTER
SHORTEST = 10
"""Minimum length in characters of compared texts; shorter ones are often equal by chance."""

_NOISE = re.compile(r"[\W_]+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Starter:
    """The model.

    Attributes:
        ngrams: The regression over n-grams.
        network: The LSTM; None in models that an earlier version of the package trained.
        known: uint32, sorted hashes of the texts that it was trained on.
    """

    ngrams: HashedRegression
    network: StarterNetwork | None
    known: npt.NDArray[np.uint32]

    @classmethod
    def load(cls) -> Starter:
        """The starter that comes with the package; read once."""
        return _bundled()

    @staticmethod
    def digest() -> str:
        """SHA-256 of the file of the starter that comes with the package."""
        return hashlib.sha256((bundled("starter") / FILE).read_bytes()).hexdigest()

    @classmethod
    def read(cls, content: bytes) -> Starter:
        """Read the content of a file that :meth:`save` wrote."""
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return cls(
                HashedRegression(
                    arrays["weights"],
                    float(arrays["scale"]),
                    arrays["idf"],
                    float(arrays["intercept"]),
                ),
                StarterNetwork.of_arrays(arrays) if "pieces" in arrays else None,
                arrays["known"],
            )

    def save(self, path: Path) -> None:
        """Write the arrays."""
        with atomic_write(path) as file:
            file.write(self._compressed)

    @functools.cached_property
    def _compressed(self) -> bytes:
        """The arrays as the content of a file; cached, because every fold saves its starter."""
        arrays = asdict(self.ngrams) | {"known": self.known}
        if self.network is not None:
            arrays |= self.network.arrays()
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @property
    def _parts(self) -> tuple[HashedRegression | StarterNetwork, ...]:
        return (self.ngrams,) if self.network is None else (self.ngrams, self.network)

    @property
    def intercept(self) -> float:
        """Logit of an empty text."""
        return float(np.mean([part.intercept for part in self._parts]))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits of the positive class.

        Args:
            texts: Cleaned texts.

        Returns:
            Shape (texts,).
        """
        bare = [without_spaces(text) for text in texts]
        return np.asarray(np.mean([part.logits(bare) for part in self._parts], axis=0))

    def contributions(self, texts: Sequence[str]) -> Floats:
        """Contribution of each character to the logit of its text, without the intercept.

        Args:
            texts: Cleaned texts.

        Returns:
            Shape (characters of all texts,); 0 for spaces and for characters that are not read.
        """
        bare, result = [without_spaces(text) for text in texts], np.zeros(sum(map(len, texts)))
        places = [place for place, letter in enumerate("".join(texts)) if not letter.isspace()]
        result[places] = np.mean([part.contributions(bare) for part in self._parts], axis=0)
        return result

    def has_learnt_from(self, texts: Sequence[str]) -> Bools:
        """Whether the starter was trained on each text; False for short texts."""
        hashed = np.fromiter(text_hashes(texts), np.int64, len(texts))
        return np.isin(hashed, self.known.astype(np.int64))


def without_spaces(text: str) -> str:
    """Remove all spaces, because reviews often lack spaces where they should be."""
    return _SPACE.sub("", text)


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
