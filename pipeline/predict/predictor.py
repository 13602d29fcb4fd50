"""Predictions for new texts with a trained model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.model.inference import probabilities
from pipeline.predict.networks import Network, member_folders
from pipeline.prepare.clean import clean
from pipeline.prepare.sequences import Sequences
from pipeline.storage.manifest import Manifest
from pipeline.target.kinds import Predicted, Target, rounded
from pipeline.tokenizer import shared_tokenizer


class Predictor:
    """A trained model with everything it needs to read a text.

    Attributes:
        folder: Where the model lies.
        target: What it predicts.
    """

    def __init__(
        self, model: Manifest, memo: Path | None = None, workers: int | None = None
    ) -> None:
        """Load a model whose manifest was checked against its files.

        ``memo`` is the folder where Okt's tokens of words are kept between runs, ``workers`` the
        number of threads that cut texts into tokens; unset: one for each core.
        """
        self.folder = model.folder
        self._members = [_Member(folder, memo, workers) for folder in member_folders(model)]
        self.target: Target = self._members[0].settings.target

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Probabilities for each text, as the target has them; the mean of an ensemble's."""
        predicted = [member.predict(texts) for member in self._members]
        return np.asarray(np.mean(predicted, axis=0))

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """The target's columns for each text, numbers rounded."""
        return [rounded(answer) for answer in self.target.answers(self.predict(texts))]

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """The answers for each of many lists of texts, one after the other."""
        return map(self.answers, chunks)


class _Member(Network):
    """One network that cuts texts into tokens itself."""

    def __init__(self, folder: Path, memo: Path | None, workers: int | None) -> None:
        super().__init__(folder)
        self._tokenizer = shared_tokenizer(self.settings.tokenizer, memo, workers)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        cleaned = [clean(text, self.settings.clean) for text in texts]
        tokens = list(self._tokenizer.tokenize(cleaned))
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        features = self.regression.features(cleaned, tokens) if self.regression else None
        return probabilities(self.model, sequences, features)
