"""Predicts before there is a trained model."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pipeline.arrays import Floats
from pipeline.model.ngram_features import documents, new_vectorizer
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
"""Texts that it adapts to, the first ones of more."""
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

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict the texts of a table, after adapting to them; see :func:`adapted_logits`."""
        held = list(chunks)
        adapted = self.adapted_to(text for chunk in held for text in chunk)
        yield from map(adapted.answers, held)

    def adapted_to(self, texts: Iterable[str]) -> TextPredictor:
        """Known answers for these texts; see :func:`adapted_logits`."""
        return _Adapted(self, texts)


class _Adapted(TextPredictor):
    """Known answers for the texts of a table."""

    def __init__(self, predictor: StarterPredictor, texts: Iterable[str]) -> None:
        self.target, self.clean = predictor.target, predictor.clean
        self._cleaned = {text: clean(text, self.clean) for text in dict.fromkeys(texts)}
        distinct = list(dict.fromkeys(filter(None, self._cleaned.values())))
        logits = adapted_logits(distinct)
        self._known = dict(zip(distinct, self.target.link.probabilities(logits), strict=True))

    def predict(self, texts: Sequence[str]) -> Predicted:
        return np.array([self._known[self._cleaned[text]] for text in texts])


def adapted_logits(texts: Sequence[str]) -> Floats:
    """Logits of the starter after it adapted to the texts of another trade, without labels.

    Self-training (Scudder, "Probability of error of some adaptive pattern-recognition machines",
    1965): a regression on the texts' own n-grams learns the starter's probabilities, and so the
    words of the trade that occur with those that the starter knows. Each text is answered by a
    regression that has not learnt from it, and by the starter; the mean of both logits counts.
    Self-training exaggerates the shares of the classes, so the mean is shifted until it calls as
    many texts negative as both do on average: the starter alone and the unshifted mean.

    Args:
        texts: Distinct cleaned texts.

    Returns:
        Shape (texts,).
    """
    own = Starter.load().logits(texts)
    if len(texts) < FEWEST_TEXTS:
        return own
    shares = BINARY.link.probabilities(own)
    folds = fold_numbers(texts, (own > 0).astype(int).tolist())
    matrix = new_vectorizer(min_df=MIN_TEXTS).fit_transform(documents(texts, None))
    matrix = matrix.astype(np.float64)
    learnt = np.zeros(len(texts))
    is_learnt = np.zeros(len(texts), bool)
    is_learnt[:MOST_TEXTS] = True
    for fold in np.unique(folds):
        rest, held = (folds != fold) & is_learnt, folds == fold
        weights, intercept = soft_regression.fit(matrix[rest], shares[rest], C)
        learnt[held] = matrix[held] @ weights + intercept
    logger.info("the starter adapted to %s texts", f"{min(len(texts), MOST_TEXTS):,}")
    mean = (own + learnt * own.std() / max(learnt.std(), 1e-9)) / 2
    negative = (np.mean(own < 0) + np.mean(mean < 0)) / 2
    return np.asarray(mean - np.quantile(mean, negative))
