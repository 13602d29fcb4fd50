"""Predicts new texts with a trained model."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.model.inference import OnnxNetwork, probabilities, run_batches
from pipeline.model.ngram_features import NgramFeatures
from pipeline.predict.networks import Network, member_folders
from pipeline.predict.text_predictor import TextPredictor
from pipeline.prepare.clean_many import clean_all
from pipeline.prepare.sequences import Sequences
from pipeline.progress import track
from pipeline.storage.manifest import Manifest
from pipeline.target.base import Predicted
from pipeline.tokenizer import shared_tokenizer
from pipeline.tokenizer.flat_tokens import FlatTokens

FEWEST_AT_ONCE, MOST_AT_ONCE, PARTS = 500, 5_000, 4
"""Minimum and maximum size of a part of the texts, and number of parts. The next part is tokenized
while the network predicts the previous one."""
CHUNKS_AHEAD = 1
"""Number of chunks of a table that are tokenized in advance."""

Inputs = tuple[Sequences, NgramFeatures | None]
"""Inputs of a network for some texts."""
Advance = Callable[[int], None]
"""Reports a number of predicted texts."""


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
            WorkspaceError: A file is malformed, or a vocabulary does not match its network.
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
        if len(texts) <= FEWEST_AT_ONCE:
            return _mean([member.predict(texts) for member in self._members])
        with track("predict", len(texts)) as progress, self._threads() as threads:
            return self._begin(texts, threads, progress.advance)()

    def answer(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        """Predict chunks of texts lazily; the next one starts before the previous one is done."""
        begun: deque[Callable[[], list[dict[str, Any]]]] = deque()
        with track("predict", 0) as progress, self._threads() as threads:
            for texts in chunks:
                progress.advance(0, found=len(texts))
                begun.append(self._begin_answers(texts, threads, progress.advance))
                if len(begun) > CHUNKS_AHEAD:
                    yield begun.popleft()()
            while begun:
                yield begun.popleft()()

    def tokenize(self, text: str) -> list[list[str]]:
        """The tokens of a cleaned text for each network."""
        return [member.tokenize([text])[0] for member in self._members]

    def predict_tokens(
        self, texts: Sequence[str], tokens: Sequence[Sequence[list[str]]]
    ) -> Predicted:
        """Predict cleaned texts whose tokens are known.

        Args:
            texts: Cleaned texts.
            tokens: For each network the tokens of each text.

        Returns:
            The same as :meth:`predict`.
        """
        return _mean(
            [
                member.predict_tokens(texts, own)
                for member, own in zip(self._members, tokens, strict=True)
            ]
        )

    @contextlib.contextmanager
    def _threads(self) -> Iterator[ThreadPoolExecutor]:
        """Yield the threads that run the networks; on exit, waiting work is cancelled."""
        threads = ThreadPoolExecutor(min(member.workers for member in self._members))
        try:
            yield threads
        finally:
            threads.shutdown(cancel_futures=True)

    def _begin(
        self, texts: Sequence[str], threads: ThreadPoolExecutor, advance: Advance
    ) -> Callable[[], Predicted]:
        """Tokenize texts for the threads; return a function that waits for the predictions."""
        quiet: Advance = lambda _: None  # noqa: E731
        members = [
            member.begin(texts, threads, quiet if number else advance)
            for number, member in enumerate(self._members)
        ]
        return lambda: _mean([member() for member in members])

    def _begin_answers(
        self, texts: Sequence[str], threads: ThreadPoolExecutor, advance: Advance
    ) -> Callable[[], list[dict[str, Any]]]:
        known = self.with_text(texts)
        advance(len(texts) - len(known))
        if not known:
            return lambda: self.as_answers(len(texts), known, None)
        predicted = self._begin([texts[index] for index in known], threads, advance)
        return lambda: self.as_answers(len(texts), known, predicted())


class _Member(Network):
    """A network with a tokenizer, which predicts raw texts.

    Attributes:
        workers: Number of threads that may call the network at once.
    """

    def __init__(self, folder: Path, memo: Path | None, workers: int | None) -> None:
        super().__init__(folder)
        self._network = self.load_network(workers)
        self._tokenizer = shared_tokenizer(self.settings.tokenizer, memo, workers)
        self.workers = self._network.workers if isinstance(self._network, OnnxNetwork) else 1

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        cleaned = clean_all(texts, self.settings.clean)
        return probabilities(self._network, *self._encode(cleaned, self._tokenizer.flat(cleaned)))

    def begin(
        self, texts: Sequence[str], threads: ThreadPoolExecutor, advance: Advance
    ) -> Callable[[], npt.NDArray[np.float64]]:
        """Tokenize texts in parts; the threads predict each part as soon as it is tokenized."""
        size = min(MOST_AT_ONCE, max(FEWEST_AT_ONCE, -(-len(texts) // PARTS)))

        def answer(cleaned: list[str], tokens: FlatTokens) -> npt.NDArray[np.float64]:
            inputs = self._encode(cleaned, tokens)
            return run_batches(self._network, *inputs, advance, texts=len(texts))

        answers = []
        for begin in range(0, len(texts), size):
            cleaned = clean_all(texts[begin : begin + size], self.settings.clean)
            answers.append(threads.submit(answer, cleaned, self._tokenizer.flat(cleaned)))
        return lambda: np.concatenate([one.result() for one in answers])

    def _encode(self, texts: Sequence[str], tokens: FlatTokens) -> Inputs:
        sequences = Sequences.of(tokens, self.vocabulary, self.settings.encode.max_length)
        features = self.regression.features(texts, tokens) if self.regression else None
        return sequences, features

    def tokenize(self, texts: Sequence[str]) -> list[list[str]]:
        return list(self._tokenizer.tokenize(texts))

    def predict_tokens(
        self, texts: Sequence[str], tokens: Sequence[list[str]]
    ) -> npt.NDArray[np.float64]:
        return probabilities(self._network, *self._encode(texts, FlatTokens.of(tokens)))


def _mean(predicted: list[npt.NDArray[np.float64]]) -> Predicted:
    return np.asarray(np.mean(predicted, axis=0))
