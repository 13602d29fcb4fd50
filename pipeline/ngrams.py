"""Logistic regression over the character n-grams of a text.

It is the baseline that every report shows, and the wide branch of the functional network.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.target import BINARY, Target
from pipeline.workspace import atomic_path, write_text

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.feature_extraction.text import TfidfVectorizer

logger = logging.getLogger(__name__)

VERSION = 3
NGRAMS = (1, 4)
LEAST_TEXTS = 2
INVERSE_REGULARISATION = 4.0
MOST_TEXTS = 500_000
"""Texts that a regression is fitted to, as its memory grows with their number."""
LONGEST_TEXT = 2_000
"""Characters of a text after which nothing is read."""
FILES = ("ngrams.json", "ngrams.npz")

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
    ) -> NgramRegression:
        """Train on cleaned texts and their labels.

        As a notebook of scikit-learn does it: n-grams of 1 to 4 characters that occur in two
        texts or more, sublinear term frequency, ``LogisticRegression`` with C = 4.

        Args:
            texts: Cleaned.
            labels: Of each text, as the target has them.
            target: What is predicted.
            class_weights: As in scikit-learn.
        """
        from sklearn.utils.class_weight import compute_sample_weight

        begun = time.monotonic()
        vectorizer = _vectorizer(min_df=LEAST_TEXTS)
        matrix = vectorizer.fit_transform([text[:LONGEST_TEXT] for text in texts])
        model = target.regress(
            matrix,
            np.asarray(labels, np.float32),
            compute_sample_weight(class_weights, labels),
            C=INVERSE_REGULARISATION,
            max_iter=300,
        )
        logger.info(
            "fitted %d n-grams to %d texts in %.0f s",
            matrix.shape[1], len(texts), time.monotonic() - begun,
        )  # fmt: skip
        coefficients, intercept = model.coef_.T.astype(np.float32), model.intercept_
        if target.link.outputs == 1:
            coefficients, intercept = coefficients[:, 0], intercept[0]
        return cls(vectorizer, coefficients, np.asarray(intercept, np.float64))

    def __len__(self) -> int:
        return len(self.coefficients)

    def features(self, texts: Sequence[str]) -> NgramFeatures:
        """The features of cleaned texts."""
        if not texts:
            import scipy.sparse as sp

            return NgramFeatures(sp.csr_matrix((0, len(self)), dtype=np.float32))
        return NgramFeatures(self.vectorizer.transform([text[:LONGEST_TEXT] for text in texts]))

    def logits(self, features: NgramFeatures) -> npt.NDArray[np.float64]:
        """The logits of each text, shape (texts,) or (texts, logits)."""
        intercept = self.intercept.astype(np.float32)
        return np.asarray(features.matrix @ self.coefficients + intercept, np.float64)

    def save(self, folder: Path) -> None:
        """Write the ``FILES``: the n-grams as a JSON list, their numbers as arrays."""
        ngrams = [str(ngram) for ngram in self.vectorizer.get_feature_names_out()]
        write_text(folder / FILES[0], json.dumps(ngrams, ensure_ascii=False))
        with atomic_path(folder / FILES[1]) as temporary:
            np.savez(
                temporary,
                idf=self.vectorizer.idf_.astype(np.float32),
                coefficients=self.coefficients,
                intercept=self.intercept,
            )

    @classmethod
    def load(cls, folder: Path) -> NgramRegression:
        """Read what :meth:`save` wrote."""
        ngrams = json.loads((folder / FILES[0]).read_text(encoding="utf-8"))
        vectorizer = _vectorizer(vocabulary=ngrams)
        with np.load(folder / FILES[1], allow_pickle=False) as arrays:
            vectorizer.idf_ = arrays["idf"]
            return cls(vectorizer, arrays["coefficients"], arrays["intercept"])


def _vectorizer(**settings: Any) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        analyzer="char", ngram_range=NGRAMS, sublinear_tf=True, dtype=np.float32, **settings
    )
