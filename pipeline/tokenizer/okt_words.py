"""The tokens of words that Okt has tagged, as arrays of numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np

from pipeline.arrays import offsets_of, ranges
from pipeline.tokenizer.flat_tokens import FlatTokens


class TaggedWords:
    """Words and their tokens. Threads may share it.

    Attributes:
        numbers: Number of each word.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._tokens = _Numbers()
        self._places = np.zeros(0, np.int32)
        self._ends = np.zeros(1, np.int64)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, words: Iterable[str], tokens: Sequence[str], counts: Sequence[int]) -> None:
        """Add words.

        Args:
            words: The words.
            tokens: Their tokens, word after word.
            counts: Number of tokens of each word.
        """
        with self._lock:
            places = np.fromiter(map(self._tokens.__getitem__, tokens), np.int32, len(tokens))
            first = len(self._ends) - 1
            ends = self._ends[-1] + np.cumsum(counts, dtype=np.int64)
            self._places = np.concatenate([self._places, places])
            self._ends = np.concatenate([self._ends, ends])
            self.numbers.update(zip(words, range(first, first + len(counts)), strict=True))

    def join(self, words: Sequence[str], lengths: Sequence[int]) -> FlatTokens:
        """The tokens of texts.

        Args:
            words: Known words, text after text.
            lengths: Number of words of each text.
        """
        numbers = np.fromiter(map(self.numbers.__getitem__, words), np.int64, len(words))
        with self._lock:
            known, ends = self._places, self._ends
        begins = ends[numbers]
        sizes = ends[numbers + 1] - begins
        places = known[ranges(begins, sizes)]
        used = np.unique(places)
        renumbered = np.empty(used.max(initial=-1) + 1, np.int32)
        renumbered[used] = np.arange(len(used), dtype=np.int32)
        distinct = [self._tokens.names[number] for number in used.tolist()]
        begins_of_texts = offsets_of(np.array(lengths, np.int64))
        return FlatTokens(distinct, renumbered[places], np.diff(offsets_of(sizes)[begins_of_texts]))


class _Numbers(dict[str, int]):
    """A number for each name, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __missing__(self, name: str) -> int:
        self[name] = number = len(self.names)
        self.names.append(name)
        return number
