"""Predicts before there is a trained model."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from pipeline.arrays import Floats
from pipeline.model.ngram_table import NgramTable
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.prepare.folds import fold_numbers
from pipeline.settings import CleanSettings
from pipeline.starter import soft_regression
from pipeline.starter.starter import Starter
from pipeline.target.base import Predicted
from pipeline.target.binary import BINARY

logger = logging.getLogger(__name__)

FEWEST_TEXTS = 200
"""Distinct texts; the starter does not adapt to fewer."""
MOST_TEXTS = 20_000
"""Texts that it adapts to, the first ones of a larger table."""
MIN_TEXTS = 2
C = 1.0
"""Inverse regularization strength; the best of 0.3, 1 and 4 on three trades."""


class StarterPredictor(TextPredictor):
    """The starter, which comes with the package and knows no label of the trade at hand."""

    def __init__(self) -> None:
        self.target = BINARY
        self.clean = CleanSettings()
        self._starter = Starter.load()

    def __repr__(self) -> str:
        return "StarterPredictor()"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities of positive by what film reviews taught."""
        cleaned = [clean(text, self.clean) for text in texts]
        return self.target.link.probabilities(self._starter.logits(cleaned))

    def contributions(self, text: str) -> Floats:
        """What each character of a cleaned text adds to its logit, shape (characters,)."""
        return self._starter.contributions(text)

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict the texts of a table, after adapting to the first ones.

        Holds the chunks up to ``MOST_TEXTS`` distinct texts, see :class:`Adaptation`.
        """
        rest = iter(chunks)
        held: list[list[str]] = []
        cleaned: dict[str, str] = {}
        while len(set(cleaned.values())) < MOST_TEXTS:
            if (chunk := next(rest, None)) is None:
                break
            held.append(chunk)
            cleaned |= {text: clean(text, self.clean) for text in chunk if text not in cleaned}
        adapted = _Adapted(self.clean, cleaned)
        yield from map(adapted.answers, chain(held, rest))


class _Adapted(TextPredictor):
    """The starter after it adapted to texts, given raw and cleaned, whose answers it knows."""

    def __init__(self, settings: CleanSettings, cleaned: dict[str, str]) -> None:
        self.target, self.clean = BINARY, settings
        self._cleaned = cleaned
        distinct = list(dict.fromkeys(filter(None, cleaned.values())))
        self._adaptation = Adaptation(distinct)
        self._known = dict(zip(distinct, self._adaptation.logits.tolist(), strict=True))

    def predict(self, texts: Sequence[str]) -> Predicted:
        cleaned = [self._cleaned.get(text) or clean(text, self.clean) for text in texts]
        new = [text for text in dict.fromkeys(cleaned) if text not in self._known]
        known = self._known | dict(zip(new, self._adaptation.apply(new).tolist(), strict=True))
        return self.target.link.probabilities(np.array([known[text] for text in cleaned]))


class Adaptation:
    """The starter after it adapted to the texts of another trade, without labels.

    Self-training (Scudder, "Probability of error of some adaptive pattern-recognition machines",
    1965): a regression on the texts' own n-grams learns the starter's probabilities, and so the
    words of the trade that occur with those that the starter knows. Each text is answered by
    regressions that have not learnt from it, and by the starter; the mean of both logits counts.
    Self-training exaggerates the shares of the classes, so the mean is shifted until it calls as
    many texts negative as both do on average: the starter alone and the unshifted mean.

    Attributes:
        logits: Those of the texts, shape (texts,).
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Adapt to distinct cleaned texts."""
        self.logits = own = Starter.load().logits(texts)
        self._fitted: list[tuple[Floats, float]] = []
        if len(texts) < FEWEST_TEXTS:
            return
        shares = BINARY.link.probabilities(own)
        folds = fold_numbers(texts, (own > 0).astype(int).tolist())
        self._table, matrix = NgramTable.fit(texts, None, MIN_TEXTS)
        learnt = np.zeros(len(texts))
        is_learnt = np.zeros(len(texts), bool)
        is_learnt[:MOST_TEXTS] = True
        for fold in np.unique(folds):
            rest, held = (folds != fold) & is_learnt, folds == fold
            weights, intercept = soft_regression.fit(matrix[rest], shares[rest], C)
            learnt[held] = matrix[held] @ weights + intercept
            self._fitted.append((weights, intercept))
        logger.info("the starter adapted to %s texts", f"{min(len(texts), MOST_TEXTS):,}")
        self._scale = own.std() / max(learnt.std(), 1e-9)
        mean = (own + learnt * self._scale) / 2
        negative = (np.mean(own < 0) + np.mean(mean < 0)) / 2
        self._shift = np.quantile(mean, negative)
        self.logits = np.asarray(mean - self._shift)

    def apply(self, texts: Sequence[str]) -> Floats:
        """Logits of other cleaned texts, shape (texts,)."""
        own = Starter.load().logits(texts)
        if not self._fitted or not texts:
            return own
        matrix = self._table.transform(texts)
        each = [matrix @ weights + intercept for weights, intercept in self._fitted]
        return np.asarray((own + np.mean(each, axis=0) * self._scale) / 2 - self._shift)


def adapted_logits(texts: Sequence[str]) -> Floats:
    """Logits of distinct cleaned texts after adapting to them; see :class:`Adaptation`."""
    return Adaptation(texts).logits
