"""Logistic regression on TF-IDF features of n-grams.

With character n-grams it is the baseline of every report. With character and token n-grams it is
the wide branch of the functional network; if there are few examples, it also uses jamo n-grams.
The starter's logit is one more feature of the wide branch.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, Integers, Labels
from pipeline.bounded_json import load_json
from pipeline.model.jamo import decompose
from pipeline.model.ngram_features import NgramFeatures
from pipeline.model.ngram_fitting import fit, held_out_logits, new_model, scale, scales_of
from pipeline.model.ngram_table import NgramTable
from pipeline.starter.starter import Starter
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.tokenizer.flat_tokens import FlatTokens

logger = logging.getLogger(__name__)

NGRAMS_VERSION = 22
MIN_TEXTS = 2
"""Minimum document frequency of an n-gram."""
MOST_TEXTS = 500_000
"""Maximum number of training texts, to bound memory."""
OF_JAMO = "jamo_"
"""Prefix of the names of the jamo n-grams' arrays in the file."""


class Neutral(NamedTuple):
    """Neutral reviews, used when the target has only two classes.

    Attributes:
        texts: Cleaned texts.
        positivity: From 0 (a complaint) to 1, shape (texts,).
    """

    texts: Sequence[str]
    positivity: Labels


NO_NEUTRAL = Neutral([], np.zeros(0, np.float32))


@dataclass(frozen=True)
class NgramRegression:
    """A trained regression.

    Attributes:
        ngrams: N-grams with their columns and inverse document frequencies.
        coefficients: float32, shape (features,) or, with several outputs, (features, outputs).
        intercept: Shape () or (outputs,).
        starter: The starter, whose logit is the last feature; None if there are only n-grams.
        jamo: Jamo n-grams, whose features follow those of ``ngrams``; None without them.
    """

    ngrams: NgramTable
    coefficients: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]
    starter: Starter | None = None
    jamo: NgramTable | None = None

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
        """Fit several regressions, each on the first so many texts.

        All share the n-grams of all texts. Each is warm-started from the previous one, which saves
        most of the time.

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
        scales = scales_of(matrix[:first], truth[:first], target, has_tokens=tokens is not None)
        scale(matrix, scales)
        model = new_model(has_tokens=tokens is not None)
        fitted = []
        for count, class_weights in fits:
            found = fit(model, matrix[:count], truth[:count], target, class_weights, scales)
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
        neutral: Neutral = NO_NEUTRAL,
        unlabeled: Sequence[str] = (),
        *,
        with_jamo: bool = False,
    ) -> list[tuple[NgramRegression, Floats]]:
        """Fit regressions on all texts, and compute the held-out logits of each text.

        The held-out logits of a fold come from regressions fitted to the other folds. All
        regressions share the n-grams of all texts and their inverse document frequencies, which
        need no labels.

        Args:
            folds: Number of each text's fold.
            texts: Cleaned texts.
            labels: Label of each text, as defined by the target.
            target: The prediction target.
            class_weights: Class weights of each regression, as in scikit-learn.
            tokens: Tokens of each text, then of each neutral text, then of each unlabelled text.
            neutral: Texts that every regression is fitted to as class 0; the more positive a text
                is, the lower its weight.
            unlabeled: Cleaned texts whose n-grams are counted too.
            with_jamo: Adds n-grams of 1 to 4 jamo.

        Returns:
            For each of the class weights the regression and the held-out logits, shape (texts,)
            or (texts, outputs).
        """
        import scipy.sparse as sp

        started, truth = time.monotonic(), np.asarray(labels, np.float32)
        every, letters = [*texts, *neutral.texts, *unlabeled], None
        truth = np.concatenate([truth, np.zeros(len(neutral.texts), np.float32)])
        importance = np.concatenate([np.ones(len(texts)), 1 - neutral.positivity])
        table, matrix = NgramTable.fit(every, tokens, MIN_TEXTS)
        if with_jamo:
            letters, of_letters = NgramTable.fit(decompose(every), None, MIN_TEXTS)
            matrix = sp.hstack([matrix, of_letters], format="csr")

        def fit_to(
            rows: npt.NDArray[np.intp], weights: str | None
        ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
            rows = np.append(rows, np.arange(len(texts), len(truth)))
            own, known = matrix[rows], truth[rows]
            scales = scales_of(own, known, target, has_tokens=tokens is not None)
            scale(own, scales)
            model = new_model(has_tokens=tokens is not None, has_jamo=with_jamo)
            return fit(model, own, known, target, weights, scales, importance[rows])

        outputs, fitted = target.link.outputs, []
        for weights in class_weights:
            logits = held_out_logits(matrix, folds, outputs, partial(fit_to, weights=weights))
            whole = fit_to(np.arange(len(texts)), weights)
            fitted.append((cls(table, *whole, jamo=letters), logits))
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
        if self.jamo is not None:
            parts.append(self.jamo.features(decompose(texts)))
        if self.starter is not None:
            logits = self.starter.logits(texts)
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
                **_arrays(self.ngrams),
                coefficients=self.coefficients,
                intercept=self.intercept,
                **(_arrays(self.jamo, OF_JAMO) if self.jamo is not None else {}),
            )
        if self.starter is None:
            return [names.NGRAMS]
        self.starter.save(folder / names.STARTER)
        return [names.NGRAMS, names.STARTER]

    @classmethod
    def load(cls, folder: Path) -> NgramRegression:
        """Load files written by :meth:`save`, including those of earlier versions (a JSON list)."""
        starter, listed = folder / names.STARTER, folder / names.NGRAM_LIST
        with np.load(folder / names.NGRAMS, allow_pickle=False) as arrays:
            if "hashes" in arrays:
                table = _table(arrays)
            else:
                ngrams = load_json(listed.read_bytes())
                table = NgramTable.of(ngrams, arrays["idf"])
            return cls(
                table,
                arrays["coefficients"],
                arrays["intercept"],
                Starter.read(starter.read_bytes()) if starter.exists() else None,
                _table(arrays, OF_JAMO) if f"{OF_JAMO}hashes" in arrays else None,
            )


def _arrays(table: NgramTable, prefix: str = "") -> dict[str, Any]:
    """The arrays of a table by name, as :func:`_table` reads them."""
    return {prefix + name: getattr(table, name) for name in ("hashes", "columns", "idf")}


def _table(arrays: Mapping[str, Any], prefix: str = "") -> NgramTable:
    return NgramTable(*(arrays[prefix + name] for name in ("hashes", "columns", "idf")))
