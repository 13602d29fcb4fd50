"""Predicts new texts with a trained model."""

from __future__ import annotations

import re
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

_SYLLABLE = re.compile("[가-힣]")
"""What cleaning never removes."""


class Predictor:
    """A trained model, or ensemble, with its preprocessing.

    Attributes:
        folder: Folder of the model.
        target: The prediction target.
    """

    def __init__(
        self, model: Manifest, memo: Path | None = None, workers: int | None = None
    ) -> None:
        """Load a model.

        Args:
            model: Manifest, already verified against its files.
            memo: Folder of Okt's word cache; None disables the cache.
            workers: Number of tokenizer threads; None uses one per core.

        Raises:
            SettingsError: The package of the model's tagger is not installed.
            RunError: The Java virtual machine cannot start.
            WorkspaceError: A vocabulary is malformed.
        """
        self.folder = model.folder
        self._members = [_Member(folder, memo, workers) for folder in member_folders(model)]
        self.target: Target = self._members[0].settings.target

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Predict raw texts; averages the probabilities of an ensemble.

        Returns:
            Shape (texts,) or, for a target with several outputs, (texts, outputs).
        """
        predicted = [member.predict(texts) for member in self._members]
        return np.asarray(np.mean(predicted, axis=0))

    def answers(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Predict raw texts as the target's columns, with rounded numbers.

        The columns of blank texts are None, see :meth:`is_blank`.
        """
        known = [index for index, text in enumerate(texts) if not self.is_blank(text)]
        answers: list[dict[str, Any]] = [dict.fromkeys(self.target.columns) for _ in texts]
        if known:
            predicted = self.predict([texts[index] for index in known])
            for index, answer in zip(known, self.target.answers(predicted), strict=True):
                answers[index] = rounded(answer)
        return answers

    def is_blank(self, text: str) -> bool:
        """Whether cleaning leaves nothing of a text, such as a link or invisible characters."""
        return not (_SYLLABLE.search(text) or clean(text, self._members[0].settings.clean))

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict chunks of texts lazily; see :meth:`answers`."""
        return map(self.answers, chunks)


class _Member(Network):
    """A network with a tokenizer, which predicts raw texts."""

    def __init__(self, folder: Path, memo: Path | None, workers: int | None) -> None:
        super().__init__(folder)
        self._tokenizer = shared_tokenizer(self.settings.tokenizer, memo, workers)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        cleaned = [clean(text, self.settings.clean) for text in texts]
        tokens = list(self._tokenizer.tokenize(cleaned))
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        features = self.regression.features(cleaned, tokens) if self.regression else None
        return probabilities(self.model, sequences, features)
