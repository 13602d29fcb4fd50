"""Predicts with the starter, before there is a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np

from pipeline.arrays import Floats
from pipeline.predict.adaptation import adapt
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.prepare.clean_many import clean_all
from pipeline.settings import CleanSettings
from pipeline.starter.self_training import MOST_TEXTS
from pipeline.starter.starter import Starter
from pipeline.target.base import Predicted
from pipeline.target.binary import BINARY


class StarterPredictor(TextPredictor):
    """The starter, which comes with the package and was not trained on the user's labels."""

    def __init__(self) -> None:
        self.target = BINARY
        self.clean = CleanSettings()
        self._starter = Starter.load()

    def __repr__(self) -> str:
        return "StarterPredictor()"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities of positive by the starter, which was trained on film reviews."""
        cleaned = clean_all(texts, self.clean)
        return self.target.link.probabilities(self._starter.logits(cleaned))

    def contributions(self, text: str) -> Floats:
        """Contribution of each character of a cleaned text to its logit, shape (characters,)."""
        return self._starter.contributions([text])

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict the texts of a table, after adapting to the first ones.

        Buffers chunks until they hold ``MOST_TEXTS`` distinct texts.
        """
        rest = iter(chunks)
        held: list[list[str]] = []
        distinct: set[str] = set()
        while len(distinct) < MOST_TEXTS:
            if (chunk := next(rest, None)) is None:
                break
            held.append(chunk)
            distinct.update(chunk)
        adapted = self.adapted_to(text for chunk in held for text in chunk)
        yield from map(adapted.answers, chain(held, rest))

    def adapted_to(self, texts: Iterable[str]) -> AdaptedStarter:
        """The starter, adapted to these texts; see :class:`AdaptedStarter`."""
        return AdaptedStarter(texts, self.clean)


class AdaptedStarter(TextPredictor):
    """The starter, adapted to some texts, whose predictions it stores.

    Attributes:
        regression: Explains the predictions; see :class:`pipeline.predict.adaptation.Adapted`.
    """

    def __init__(self, texts: Iterable[str], settings: CleanSettings) -> None:
        """Adapt to raw texts; see :func:`pipeline.predict.adaptation.adapt`."""
        self.target, self.clean = BINARY, settings
        self._cleaned = {text: clean(text, self.clean) for text in dict.fromkeys(texts)}
        distinct = list(dict.fromkeys(filter(None, self._cleaned.values())))
        logits, self.regression = adapt(distinct)
        self._known = dict(zip(distinct, logits.tolist(), strict=True))

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities of positive of raw texts, including texts it did not adapt to."""
        cleaned = [self._cleaned.get(text) or clean(text, self.clean) for text in texts]
        new = [text for text in dict.fromkeys(cleaned) if text not in self._known]
        logits = self._known | dict(zip(new, self._logits(new).tolist(), strict=True))
        return self.target.link.probabilities(np.array([logits[text] for text in cleaned]))

    def _logits(self, cleaned: Sequence[str]) -> Floats:
        if self.regression is None:
            return Starter.load().logits(cleaned)
        return self.regression.logits(self.regression.features(cleaned))
