"""The tokens of words that Okt has tagged, as arrays of numbers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.arrays import offsets_of, ranges
from pipeline.tokenizer.flat_tokens import FlatTokens

UNKNOWN = -1


class TaggedWords:
    """Words and their tokens. Threads may share it."""

    def __init__(self, token_of: Callable[[str], str | None]) -> None:
        """Begin without words.

        Args:
            token_of: Function from a line of an entry, ``token/tag``, to its token; None if it is
                left out. Called once for each distinct line.
        """
        self._numbers: dict[str, int] = {}
        self._tokens = _Tokens(token_of)
        self._places = np.zeros(0, np.int32)
        self._ends = np.zeros(1, np.int64)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, entries: Mapping[str, str]) -> None:
        """Add words, each with the lines of ``token/tag`` of its tokens."""
        lines = "\n".join(entries.values()).split("\n")
        counts = [entry.count("\n") + 1 for entry in entries.values()]
        with self._lock:
            places = np.fromiter(map(self._tokens.__getitem__, lines), np.int32, len(lines))
            is_kept = places != UNKNOWN
            kept_before = offsets_of(is_kept)
            first = len(self._ends) - 1
            ends = self._ends[-1] + kept_before[np.cumsum(counts, dtype=np.int64)]
            self._places = np.concatenate([self._places, places[is_kept]])
            self._ends = np.concatenate([self._ends, ends])
            self._numbers.update(zip(entries, range(first, first + len(entries)), strict=True))

    def find(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """Number of each word, ``UNKNOWN`` for one that was not added."""
        found = map(self._numbers.get, words, itertools.repeat(UNKNOWN))
        return np.fromiter(found, np.int64, len(words))

    def join(self, numbers: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> FlatTokens:
        """The tokens of texts.

        Args:
            numbers: Those of known words, text after text.
            lengths: Number of words of each text.
        """
        with self._lock:
            known, ends = self._places, self._ends
        begins = ends[numbers]
        sizes = ends[numbers + 1] - begins
        places = known[ranges(begins, sizes)]
        is_used = np.zeros(places.max(initial=-1) + 1, bool)
        is_used[places] = True
        used = np.flatnonzero(is_used)
        renumbered = np.cumsum(is_used, dtype=np.int32) - np.int32(1)
        names = self._tokens.names
        distinct = [names[number] for number in used.tolist()]
        return FlatTokens(
            distinct, renumbered[places], np.diff(offsets_of(sizes)[offsets_of(lengths)])
        )


class _Tokens(dict[str, int]):
    """Number of the token of each line, from 0; ``UNKNOWN`` for what is left out."""

    def __init__(self, token_of: Callable[[str], str | None]) -> None:
        super().__init__()
        self.names: list[str] = []
        self._token_of = token_of
        self._numbers: dict[str, int] = {}

    def __missing__(self, line: str) -> int:
        token = self._token_of(line)
        if token is None:
            number = UNKNOWN
        else:
            number = self._numbers.setdefault(token, len(self.names))
            if number == len(self.names):
                self.names.append(token)
        self[line] = number
        return number
