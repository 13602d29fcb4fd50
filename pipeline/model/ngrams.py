"""Logistic regression over the n-grams of a text.

Over those of characters it is the baseline that every report shows; over those of characters and
of tokens, the wide branch of the functional network.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_text
from pipeline.target.kinds import BINARY, Target

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer

logger = logging.getLogger(__name__)

VERSION = 6
CHARACTERS = (1, 4)
TOKENS = (1, 3)
LEAST_TEXTS = 2
INVERSE_REGULARISATION = 4.0
WITH_TOKENS = 8.0
"""The same with n-grams of tokens: a row of unit length is spread over more of them."""
MOST_TEXTS = 500_000
"""Texts that a regression is fitted to, as its memory grows with their number."""
LONGEST_TEXT = 2_000
"""Characters and tokens of a text after which nothing is read."""
MARK = "\t"
"""Stands before each token of an n-gram; a cleaned text has none."""

Padded = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


class NgramFeatures:
    """TF-IDF weights of texts, a sparse matrix (texts, n-grams) of unit rows."""

    def __init__(self, matrix: sp.csr_matrix) -> None:
        self.matrix = matrix

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def __repr__(self) -> str:
        return f"NgramFeatures(texts={len(self)}, ngrams={self.matrix.shape[1]})"

    def padded(self, rows: npt.NDArray[np.intp]) -> Padded:
        """Which n-grams these rows have and how much they weigh.

        Returns:
            Two arrays (rows, most n-grams of a row), filled up with n-gram 0 of weight 0.
        """
        part = self.matrix[rows]
        lengths = np.diff(part.indptr)
        real = np.arange(max(1, int(lengths.max(initial=0)))) < lengths[:, None]
        ngrams, weights = np.zeros(real.shape, np.int32), np.zeros(real.shape, np.float32)
        ngrams[real], weights[real] = part.indices, part.data
        return ngrams, weights


@dataclass(frozen=True)
class NgramRegression:
    """A trained regression.

    Attributes:
        vectorizer: Knows the n-grams and how rare each is.
        coefficients: float32 of shape (n-grams,), for several logits (n-grams, logits).
        intercept: Logit of a text without any known n-gram, shape () or (logits,).
    """

    vectorizer: TfidfVectorizer
    coefficients: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: npt.ArrayLike,
        target: Target = BINARY,
        class_weights: str | None = None,
        tokens: Iterable[Sequence[str]] | None = None,
    ) -> NgramRegression:
        """Train on cleaned texts and their labels.

        As a notebook of scikit-learn does it: n-grams of 1 to 4 characters that occur in two
        texts or more, sublinear term frequency, ``LogisticRegression`` with C = 4. With tokens
        also n-grams of 1 to 3 of them, each weighted by how far it leans to one class, and C = 8.
        That is the idea of Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and
        Topic Classification" (2012), with the square root of their ratio.

        Args:
            texts: Cleaned.
            labels: Of each text, as the target has them.
            target: What is predicted.
            class_weights: As in scikit-learn.
            tokens: Of each text.
        """
        (fitted,) = cls.fit_growing([len(texts)], texts, labels, target, class_weights, tokens)
        return fitted

    @classmethod
    def fit_growing(
        cls,
        counts: Sequence[int],
        texts: Sequence[str],
        labels: npt.ArrayLike,
        target: Target = BINARY,
        class_weights: str | None = None,
        tokens: Iterable[Sequence[str]] | None = None,
    ) -> list[NgramRegression]:
        """Train on the first ``counts[0]`` texts, then on the first ``counts[1]``, and so on.

        All know the n-grams of all texts, and each begins with the coefficients of the one before
        it, which saves most of its time. See :meth:`fit`.
        """
        import scipy.sparse as sp
        from sklearn.linear_model import LogisticRegression
        from sklearn.utils.class_weight import compute_sample_weight

        begun, known = time.monotonic(), np.asarray(labels, np.float32)
        vectorizer = _vectorizer(min_df=LEAST_TEXTS)
        matrix = vectorizer.fit_transform(_documents(texts, tokens)).astype(np.float64)
        leaning = np.ones(matrix.shape[1])
        if tokens is not None:
            leaning = _leaning(matrix[: counts[0]], target.link.shares(known[: counts[0]]))
            matrix = (matrix @ sp.diags(leaning)).tocsr()
        model = LogisticRegression(
            C=INVERSE_REGULARISATION if tokens is None else WITH_TOKENS,
            max_iter=300,
            warm_start=True,
        )
        fitted = []
        for count in counts:
            weights = compute_sample_weight(class_weights, known[:count])
            target.regress(model, matrix[:count], known[:count], weights)
            coefficients = (model.coef_ * leaning).T.astype(np.float32)
            intercept = model.intercept_
            if target.link.outputs == 1:
                coefficients, intercept = coefficients[:, 0], intercept[0]
            fitted.append(cls(vectorizer, coefficients, np.array(intercept, np.float64)))
            logger.info(
                "fitted %d n-grams to %d texts in %.0f s",
                matrix.shape[1], count, time.monotonic() - begun,
            )  # fmt: skip
            begun = time.monotonic()
        return fitted

    def __len__(self) -> int:
        return len(self.coefficients)

    def features(
        self, texts: Sequence[str], tokens: Iterable[Sequence[str]] | None = None
    ) -> NgramFeatures:
        """The features of cleaned texts, with their tokens where it was fitted with tokens."""
        if not texts:
            import scipy.sparse as sp

            return NgramFeatures(sp.csr_matrix((0, len(self)), dtype=np.float32))
        return NgramFeatures(self.vectorizer.transform(_documents(texts, tokens)))

    def logits(self, features: NgramFeatures) -> npt.NDArray[np.float64]:
        """The logits of each text, shape (texts,) or (texts, logits)."""
        intercept = self.intercept.astype(np.float32)
        return np.asarray(features.matrix @ self.coefficients + intercept, np.float64)

    def save(self, folder: Path) -> None:
        """Write ``names.NGRAMS``: the n-grams as a JSON list, their numbers as arrays."""
        ngrams = [str(ngram) for ngram in self.vectorizer.get_feature_names_out()]
        write_text(folder / names.NGRAMS[0], json.dumps(ngrams, ensure_ascii=False))
        self.save_weights(folder / names.NGRAMS[1])

    def save_weights(self, path: Path) -> None:
        """Write the numbers alone."""
        with atomic_path(path) as temporary:
            np.savez(
                temporary,
                idf=self.vectorizer.idf_.astype(np.float32),
                coefficients=self.coefficients,
                intercept=self.intercept,
            )

    def with_weights(self, path: Path) -> NgramRegression:
        """Another regression over the same n-grams, from what :meth:`save_weights` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return NgramRegression(self.vectorizer, arrays["coefficients"], arrays["intercept"])

    @classmethod
    def load(cls, folder: Path) -> NgramRegression:
        """Read what :meth:`save` wrote."""
        ngrams = json.loads((folder / names.NGRAMS[0]).read_text(encoding="utf-8"))
        vectorizer = _vectorizer(vocabulary=ngrams)
        with np.load(folder / names.NGRAMS[1], allow_pickle=False) as arrays:
            vectorizer.idf_ = arrays["idf"]
            return cls(vectorizer, arrays["coefficients"], arrays["intercept"])


def _leaning(matrix: sp.csr_matrix, shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How far each n-gram leans to one class, or away from it.

    It is the root of the largest log-count ratio: what leans more is held back less.

    Args:
        matrix: Non-zero where a text has an n-gram, shape (texts, n-grams).
        shares: How much of a text belongs to each class, shape (texts, classes).
    """
    has = (matrix > 0).astype(np.float64)
    with_, without = 1 + has.T @ shares, 1 + has.T @ (1 - shares)
    ratios = np.log(with_ / with_.sum(axis=0)) - np.log(without / without.sum(axis=0))
    return np.asarray(np.sqrt(np.abs(ratios).max(axis=1)))


def _documents(
    texts: Sequence[str], tokens: Iterable[Sequence[str]] | None
) -> Iterable[tuple[str, Sequence[str]]]:
    return zip(texts, [()] * len(texts) if tokens is None else tokens, strict=True)


def _vectorizer(**settings: Any) -> TfidfVectorizer:
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
