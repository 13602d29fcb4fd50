"""Predicts new texts with a trained model."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.model.inference import probabilities, run_batches
from pipeline.model.ngram_features import NgramFeatures
from pipeline.predict.networks import Network, member_folders
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean import clean
from pipeline.prepare.sequences import Sequences
from pipeline.progress import track
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Predicted
from pipeline.tokenizer import shared_tokenizer

TEXTS_AT_ONCE = 2_500
"""Texts that are tokenized while the network answers the ones before."""

Inputs = tuple[Sequences, NgramFeatures | None]
"""What a network reads of some texts."""


class Predictor(TextPredictor):
    """A trained model, or ensemble, with its preprocessing. Threads may share it.

    Attributes:
        folder: Folder of the model.
    """

    def __init__(
        self, model: Manifest, memo: Path | None = None, workers: int | None = None
    ) -> None:
        """Load a model.

        Args:
            model: Manifest, already verified against its files.
            memo: Folder of Okt's word cache; None disables the cache.
            workers: Number of threads of the tokenizer and of the network; None uses one per core.

        Raises:
            SettingsError: The package of the model's tagger is not installed.
            RunError: The Java virtual machine cannot start.
            WorkspaceError: A file is malformed, or a vocabulary is not that of its network.
        """
        self.folder = model.folder
        self.digest = model.digest
        self._members = [_Member(folder, memo, workers) for folder in member_folders(model)]
        self.target = self._members[0].settings.target
        self.clean = self._members[0].settings.clean

    def __repr__(self) -> str:
        return f"Predictor({str(self.folder)!r})"

    def predict(self, texts: Sequence[str]) -> Predicted:
        """Predict raw texts; averages the probabilities of an ensemble."""
        predicted = [member.predict(texts) for member in self._members]
        return np.asarray(np.mean(predicted, axis=0))

    def tokenize(self, text: str) -> list[list[str]]:
        """The tokens of a cleaned text for each network."""
        return [member.tokenize([text])[0] for member in self._members]

    def predict_tokens(
        self, texts: Sequence[str], tokens: Sequence[Sequence[list[str]]]
    ) -> Predicted:
        """Predict cleaned texts of which the tokens are known.

        Args:
            texts: Cleaned texts.
            tokens: For each network the tokens of each text.

        Returns:
            As :meth:`predict`.
        """
        predicted = [
            member.predict_tokens(texts, own)
            for member, own in zip(self._members, tokens, strict=True)
        ]
        return np.asarray(np.mean(predicted, axis=0))


class _Member(Network):
    """A network with a tokenizer, which predicts raw texts."""

    def __init__(self, folder: Path, memo: Path | None, workers: int | None) -> None:
        super().__init__(folder)
        self._network = self.load_network(workers)
        self._tokenizer = shared_tokenizer(self.settings.tokenizer, memo, workers)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        if len(texts) <= TEXTS_AT_ONCE:
            return probabilities(self._network, *self._read(texts))
        with track("predict", len(texts)) as progress, ThreadPoolExecutor(1) as network:
            parts = (
                texts[begin : begin + TEXTS_AT_ONCE]
                for begin in range(0, len(texts), TEXTS_AT_ONCE)
            )
            answers = [
                network.submit(run_batches, self._network, *self._read(part), progress.advance)
                for part in parts
            ]
            return np.concatenate([answer.result() for answer in answers])

    def _read(self, texts: Sequence[str]) -> Inputs:
        cleaned = [clean(text, self.settings.clean) for text in texts]
        return self._encode(cleaned, self.tokenize(cleaned))

    def _encode(self, texts: Sequence[str], tokens: Sequence[list[str]]) -> Inputs:
        sequences = Sequences.encode(tokens, self.vocabulary, self.settings.encode.max_length)
        features = self.regression.features(texts, tokens) if self.regression else None
        return sequences, features

    def tokenize(self, texts: Sequence[str]) -> list[list[str]]:
        return list(self._tokenizer.tokenize(texts))

    def predict_tokens(
        self, texts: Sequence[str], tokens: Sequence[list[str]]
    ) -> npt.NDArray[np.float64]:
        return probabilities(self._network, *self._encode(texts, tokens))
