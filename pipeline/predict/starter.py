"""Predicts before there is a trained model."""

from __future__ import annotations

from collections.abc import Sequence

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
        """Probabilities of positive, those of film reviews."""
        cleaned = [clean(text, self.clean) for text in texts]
        return self.target.link.probabilities(self._starter.logits(cleaned))
