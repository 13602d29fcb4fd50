"""TF-IDF features of n-grams of characters and tokens."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import offsets_of

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer

CHARACTERS = (1, 4)
"""Shortest and longest n-gram of characters, or of jamo."""
TOKENS = (1, 3)
"""Shortest and longest token n-gram."""
LONGEST_TEXT = 2_000
"""Maximum number of characters and of tokens of a text that are read; the rest is ignored."""
MARK = "\t"
"""Prefix of each token in a token n-gram; never occurs in cleaned text."""

Padded = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class NgramFeatures:
    """Features of texts: a sparse matrix (texts, features) in row order.

    A text's TF-IDF values are scaled to unit length, its n-grams and its jamo n-grams separately.
    The starter's logit may be the last feature.

    Attributes:
        columns: int32, the column of each value.
        values: float32.
        sizes: int64, number of values of each text.
        width: Number of columns.
    """

    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]
    width: int

    @classmethod
    def of(cls, matrix: sp.csr_matrix) -> NgramFeatures:
        """The rows of a matrix."""
        return cls(matrix.indices, matrix.data, np.diff(matrix.indptr), matrix.shape[1])

    @classmethod
    def one_each(cls, values: npt.NDArray[np.float32]) -> NgramFeatures:
        """A single column, (texts,)."""
        return cls(np.zeros(len(values), np.int32), values, np.ones(len(values), np.int64), 1)

    @classmethod
    def beside(cls, parts: Sequence[NgramFeatures]) -> NgramFeatures:
        """Join the features of the same texts side by side, from left to right."""
        sizes = np.sum([part.sizes for part in parts], axis=0)
        columns, values = np.empty(sizes.sum(), np.int32), np.empty(sizes.sum(), np.float32)
        owners = np.repeat(
            np.tile(np.arange(len(parts), dtype=np.int8), len(sizes)),
            np.stack([part.sizes for part in parts], axis=1).ravel(),
        )
        width = 0
        for number, part in enumerate(parts):
            is_own = owners == number
            columns[is_own], values[is_own] = part.columns + np.int32(width), part.values
            width += part.width
        return cls(columns, values, sizes, width)

    def __len__(self) -> int:
        return len(self.sizes)

    def __repr__(self) -> str:
        return f"NgramFeatures(texts={len(self)}, ngrams={self.width})"

    @functools.cached_property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Start of each row and end of the last one, shape (texts + 1,)."""
        return offsets_of(self.sizes)

    @functools.cached_property
    def matrix(self) -> sp.csr_matrix:
        """The features as a SciPy matrix; not for predictions, since importing SciPy is slow."""
        import scipy.sparse as sp

        shape = len(self), self.width
        return sp.csr_matrix((self.values, self.columns, self.offsets.astype(np.int32)), shape)

    def padded(self, rows: npt.NDArray[np.intp]) -> Padded:
        """Select rows as dense arrays.

        Returns:
            N-gram indices and their weights, each (rows, largest number of n-grams in a row),
            padded with index 0 and weight 0.
        """
        sizes = self.sizes[rows, None]
        places = np.arange(max(1, int(sizes.max(initial=0))))
        real = places < sizes
        if not len(self.values):
            return np.zeros(real.shape, np.int32), np.zeros(real.shape, np.float32)
        places = places + self.offsets[rows, None]
        ngrams = self.columns.take(places, mode="clip")
        return ngrams * real, self.values.take(places, mode="clip") * real


def documents(
    texts: Sequence[str], tokens: Iterable[Sequence[str]] | None
) -> Iterable[tuple[str, Sequence[str]]]:
    """Pairs of text and tokens, the input of the vectorizer."""
    return zip(texts, [()] * len(texts) if tokens is None else tokens, strict=True)


def new_vectorizer(**settings: Any) -> TfidfVectorizer:
    """A vectorizer with sublinear term frequency; ``settings`` are passed to scikit-learn."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    of_characters = TfidfVectorizer(analyzer="char", ngram_range=CHARACTERS).build_analyzer()

    def ngrams(document: tuple[str, Sequence[str]]) -> list[str]:
        text, tokens = document
        marked = [MARK + token for token in tokens[:LONGEST_TEXT]]
        found: list[str] = of_characters(text[:LONGEST_TEXT])
        for size in range(TOKENS[0], TOKENS[1] + 1):
            found += ["".join(marked[i : i + size]) for i in range(len(marked) - size + 1)]
        return found

    return TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, dtype=np.float32, **settings)
