"""TF-IDF features of n-grams of characters and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer

CHARACTERS = (1, 4)
"""Shortest and longest character n-gram."""
TOKENS = (1, 3)
"""Shortest and longest token n-gram."""
JAMO = (1, 6)
"""Shortest and longest jamo n-gram."""
LONGEST_TEXT = 2_000
"""Characters and tokens of a text that are read; the rest is ignored."""
MARK = "\t"
"""Prefix of each token in a token n-gram; never occurs in cleaned text."""

Padded = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


class NgramFeatures:
    """Features of texts: a sparse matrix (texts, features).

    The TF-IDF values of a text's n-grams have unit length, those of its jamo n-grams likewise; the
    starter's logit may follow them.
    """

    def __init__(self, matrix: sp.csr_matrix) -> None:
        self.matrix = matrix

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def __repr__(self) -> str:
        return f"NgramFeatures(texts={len(self)}, ngrams={self.matrix.shape[1]})"

    def padded(self, rows: npt.NDArray[np.intp]) -> Padded:
        """Select rows as dense arrays.

        Returns:
            N-gram indices and their weights, each (rows, largest number of n-grams in a row),
            padded with index 0 and weight 0.
        """
        part = self.matrix[rows]
        lengths = np.diff(part.indptr)
        real = np.arange(max(1, int(lengths.max(initial=0)))) < lengths[:, None]
        ngrams, weights = np.zeros(real.shape, np.int32), np.zeros(real.shape, np.float32)
        ngrams[real], weights[real] = part.indices, part.data
        return ngrams, weights


def documents(
    texts: Sequence[str], tokens: Iterable[Sequence[str]] | None
) -> Iterable[tuple[str, Sequence[str]]]:
    """Texts with their tokens, as the vectorizer reads them."""
    return zip(texts, [()] * len(texts) if tokens is None else tokens, strict=True)


def new_vectorizer(sizes: tuple[int, int] = CHARACTERS, **settings: Any) -> TfidfVectorizer:
    """A vectorizer with sublinear term frequency.

    Args:
        sizes: Shortest and longest character n-gram.
        **settings: Further ones of scikit-learn.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    of_characters = TfidfVectorizer(analyzer="char", ngram_range=sizes).build_analyzer()

    def ngrams(document: tuple[str, Sequence[str]]) -> list[str]:
        text, tokens = document
        marked = [MARK + token for token in tokens[:LONGEST_TEXT]]
        found: list[str] = of_characters(text[:LONGEST_TEXT])
        for size in range(TOKENS[0], TOKENS[1] + 1):
            found += ["".join(marked[i : i + size]) for i in range(len(marked) - size + 1)]
        return found

    return TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, dtype=np.float32, **settings)
