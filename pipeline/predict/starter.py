"""Predicts before there is a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pipeline.predict.adaptation import adapt
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.settings import CleanSettings
from pipeline.starter.starter import Starter
from pipeline.target.base import Predicted
from pipeline.target.binary import BINARY


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
        """Predict the texts of a table, after adapting to them."""
        held = list(chunks)
        adapted = self.adapted_to(text for chunk in held for text in chunk)
        yield from map(adapted.answers, held)

    def adapted_to(self, texts: Iterable[str]) -> AdaptedStarter:
        """The starter after it adapted to these texts; see :class:`AdaptedStarter`."""
        return AdaptedStarter(texts, self.clean)


class AdaptedStarter(TextPredictor):
    """The starter after it adapted to some texts, which it predicts; others it does not know.

    Attributes:
        regression: Explains the predictions; see :class:`pipeline.predict.adaptation.Adapted`.
    """

    def __init__(self, texts: Iterable[str], settings: CleanSettings) -> None:
        """Adapt to raw texts; see :func:`pipeline.predict.adaptation.adapt`."""
        self.target, self.clean = BINARY, settings
        self._cleaned = {text: clean(text, self.clean) for text in dict.fromkeys(texts)}
        distinct = list(dict.fromkeys(filter(None, self._cleaned.values())))
        logits, self.regression = adapt(distinct)
        self._known = dict(zip(distinct, self.target.link.probabilities(logits), strict=True))

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities of positive of raw texts that it adapted to.

        Raises:
            KeyError: It did not adapt to a text.
        """
        return np.array([self._known[self._cleaned[text]] for text in texts])
