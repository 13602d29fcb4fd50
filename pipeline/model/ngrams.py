"""Logistic regression on TF-IDF features of n-grams.

With character n-grams it is the baseline of every report; with character and token n-grams, and
the starter's logit as one more feature, it is the wide branch of the functional network.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers, Labels
from pipeline.model.ngram_features import NgramFeatures
from pipeline.model.ngram_table import NgramTable
from pipeline.runtime import one_blas_thread
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.tokenizer.flat_tokens import FlatTokens

if TYPE_CHECKING:
    import scipy.sparse as sp
    from sklearn.linear_model import LogisticRegression

logger = logging.getLogger(__name__)

NGRAMS_VERSION = 11
MIN_TEXTS = 2
"""Minimum document frequency of an n-gram."""
C_CHARACTERS = 4.0
"""Inverse regularization strength with character n-grams only."""
C_TOKENS = 8.0
"""Inverse regularization strength with token n-grams, where unit rows have smaller entries."""
MOST_TEXTS = 500_000
"""Maximum number of training texts, to bound memory."""


@dataclass(frozen=True)
class NgramRegression:
    """A trained regression.

    Attributes:
        ngrams: N-grams with their columns and inverse document frequencies.
        coefficients: float32, shape (features,) or, with several outputs, (features, outputs).
        intercept: Shape () or (outputs,).
        starter: Its logit is the last feature; None if the n-grams are all.
    """

    ngrams: NgramTable
    coefficients: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]
    starter: Starter | None = None

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: npt.ArrayLike,
        target: Target = BINARY,
        class_weights: str | None = None,
        tokens: Iterable[Sequence[str]] | None = None,
    ) -> NgramRegression:
        """Fit on cleaned texts.

        Uses n-grams of 1 to 4 characters with a document frequency of at least 2, sublinear term
        frequency, and scikit-learn's ``LogisticRegression`` with C = 4. With ``tokens``, adds
        n-grams of 1 to 3 tokens, scales each n-gram by the square root of its log-count ratio
        (Wang and Manning, "Baselines and Bigrams: Simple, Good Sentiment and Topic
        Classification", 2012, use the ratio itself) and sets C = 8.

        Args:
            texts: Cleaned texts.
            labels: Label of each text, as defined by the target.
            target: The prediction target.
            class_weights: As in scikit-learn.
            tokens: Tokens of each text.
        """
        fits = [(len(texts), class_weights)]
        (fitted,) = cls.fit_several(fits, texts, labels, target, tokens)
        return fitted

    @classmethod
    def fit_several(
        cls,
        fits: Sequence[tuple[int, str | None]],
        texts: Sequence[str],
        labels: npt.ArrayLike,
        target: Target = BINARY,
        tokens: Iterable[Sequence[str]] | None = None,
    ) -> list[NgramRegression]:
        """Fit several regressions, each on the first texts.

        All share the n-grams of all texts; each is warm-started from the one before, which saves
        most of its time.

        Args:
            fits: For each regression the number of texts and the class weights.
            texts: Cleaned texts.
            labels: Label of each text, as defined by the target.
            target: The prediction target.
            tokens: Tokens of each text.
        """
        started, truth = time.monotonic(), np.asarray(labels, np.float32)
        table, matrix = NgramTable.fit(texts, tokens, MIN_TEXTS)
        first, _ = fits[0]
        scales = _scales(matrix[:first], truth[:first], target, has_tokens=tokens is not None)
        _scale(matrix, scales)
        model = _new_model(has_tokens=tokens is not None)
        fitted = []
        for count, class_weights in fits:
            found = _fit(model, matrix[:count], truth[:count], target, class_weights, scales)
            fitted.append(cls(table, *found))
            logger.info(
                "fitted a regression of %s n-grams on %s texts in %.0f s",
                f"{matrix.shape[1]:,}", f"{count:,}", time.monotonic() - started,
            )  # fmt: skip
            started = time.monotonic()
        return fitted

    @classmethod
    def cross_fit(
        cls,
        folds: Integers,
        texts: Sequence[str],
        labels: npt.ArrayLike,
        target: Target = BINARY,
        class_weights: Sequence[str | None] = (None,),
        tokens: Iterable[Sequence[str]] | None = None,
        unlabeled: Sequence[str] = (),
    ) -> list[tuple[NgramRegression, Floats]]:
        """Fit regressions on all texts, each with its logits of texts that it was not fitted to.

        These logits are those of regressions fitted to the texts of the other folds. All share the
        n-grams of all texts and their inverse document frequencies, which need no labels.

        Args:
            folds: Number of each text's fold.
            texts: Cleaned texts.
            labels: Label of each text, as defined by the target.
            target: The prediction target.
            class_weights: Those of each regression, as in scikit-learn.
            tokens: Tokens of each text, and then of each unlabelled one.
            unlabeled: Cleaned texts whose n-grams count too.

        Returns:
            For each of the class weights the regression and the logits, shape (texts,) or
            (texts, outputs).
        """
        started, truth = time.monotonic(), np.asarray(labels, np.float32)
        table, matrix = NgramTable.fit([*texts, *unlabeled], tokens, MIN_TEXTS)

        def fit(
            rows: npt.NDArray[np.intp], weights: str | None
        ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
            own, known = matrix[rows], truth[rows]
            scales = _scales(own, known, target, has_tokens=tokens is not None)
            _scale(own, scales)
            model = _new_model(has_tokens=tokens is not None)
            return _fit(model, own, known, target, weights, scales)

        outputs, fitted = target.link.outputs, []
        for weights in class_weights:
            logits = np.zeros((len(texts), outputs) if outputs > 1 else len(texts))
            for fold in np.unique(folds):
                coefficients, intercept = fit(np.flatnonzero(folds != fold), weights)
                own = np.flatnonzero(folds == fold)
                logits[own] = matrix[own] @ coefficients + intercept
            fitted.append((cls(table, *fit(np.arange(len(texts)), weights)), logits))
        logger.info(
            "fitted a regression of %s n-grams on %s texts with cross-validation in %.0f s",
            f"{matrix.shape[1]:,}", f"{len(texts):,}", time.monotonic() - started,
        )  # fmt: skip
        return fitted

    def __len__(self) -> int:
        return len(self.coefficients)

    def features(
        self,
        texts: Sequence[str],
        tokens: FlatTokens | Iterable[Sequence[str]] | None = None,
    ) -> NgramFeatures:
        """Features of cleaned texts; ``tokens`` are required if it was fitted with tokens."""
        parts = [self.ngrams.features(texts, tokens)]
        if self.starter is not None:
            logits = self.starter.logits(texts) if texts else np.zeros(0)
            parts.append(NgramFeatures.one_each(logits.astype(np.float32)))
        return NgramFeatures.beside(parts) if len(parts) > 1 else parts[0]

    def logits(self, features: NgramFeatures) -> npt.NDArray[np.float64]:
        """The logits of each text, shape (texts,) or (texts, outputs)."""
        intercept = self.intercept.astype(np.float32)
        return np.asarray(features.matrix @ self.coefficients + intercept, np.float64)

    def save(self, folder: Path) -> list[str]:
        """Write the n-grams and weights as arrays, and the starter if it has one.

        Returns:
            The names of the files.
        """
        with atomic_path(folder / names.NGRAMS) as temporary:
            np.savez(
                temporary,
                hashes=self.ngrams.hashes,
                columns=self.ngrams.columns,
                idf=self.ngrams.idf,
                coefficients=self.coefficients,
                intercept=self.intercept,
            )
        if self.starter is None:
            return [names.NGRAMS]
        self.starter.save(folder / names.STARTER)
        return [names.NGRAMS, names.STARTER]

    @classmethod
    def load(cls, folder: Path) -> NgramRegression:
        """Load files written by :meth:`save`, also those of earlier versions with a JSON list."""
        starter, listed = folder / names.STARTER, folder / names.NGRAM_LIST
        with np.load(folder / names.NGRAMS, allow_pickle=False) as arrays:
            if "hashes" in arrays:
                table = NgramTable(arrays["hashes"], arrays["columns"], arrays["idf"])
            else:
                ngrams = json.loads(listed.read_text(encoding="utf-8"))
                table = NgramTable.of(ngrams, arrays["idf"])
            return cls(
                table,
                arrays["coefficients"],
                arrays["intercept"],
                Starter.read(starter.read_bytes()) if starter.exists() else None,
            )


def _new_model(*, has_tokens: bool) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=C_TOKENS if has_tokens else C_CHARACTERS, max_iter=300, warm_start=True
    )


def _fit(
    model: LogisticRegression,
    matrix: sp.csr_matrix,
    truth: Labels,
    target: Target,
    class_weights: str | None,
    scales: Floats,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """Fit to scaled features; returns the coefficients of the unscaled ones and the intercept."""
    from sklearn.utils.class_weight import compute_sample_weight

    weights = compute_sample_weight(class_weights, truth)
    with one_blas_thread():
        target.regress(model, matrix, truth, weights)
    coefficients = (model.coef_ * scales).T.astype(np.float32)
    intercept = np.array(model.intercept_, np.float64)
    if target.link.outputs == 1:
        return coefficients[:, 0], intercept[0]
    return coefficients, intercept


def _scale(matrix: sp.csr_matrix, scales: Floats) -> None:
    """Multiply each feature by its scale, in place."""
    matrix.data *= scales[matrix.indices]


def _scales(
    matrix: sp.csr_matrix, truth: Labels, target: Target, *, has_tokens: bool
) -> npt.NDArray[np.float64]:
    """Scale of each n-gram: the square root of its largest absolute log-count ratio.

    Informative n-grams get larger features, hence less effective regularization. Without tokens
    all scales are 1.

    Args:
        matrix: Features, shape (texts, n-grams).
        truth: Label of each text.
        target: The prediction target.
        has_tokens: Whether there are n-grams of tokens.

    Returns:
        Shape (n-grams,).
    """
    if not has_tokens:
        return np.ones(matrix.shape[1])
    shares = target.link.shares(truth)
    has = (matrix > 0).astype(np.float64)
    with_, without = 1 + has.T @ shares, 1 + has.T @ (1 - shares)
    ratios = np.log(with_ / with_.sum(axis=0)) - np.log(without / without.sum(axis=0))
    return np.asarray(np.sqrt(np.abs(ratios).max(axis=1)))
