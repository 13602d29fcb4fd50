"""The tokens of words that Okt has tagged, stored as arrays of integers."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipeline.arrays import offsets_of, ranges
from pipeline.tokenizer.cache import END
from pipeline.tokenizer.flat_tokens import FlatTokens

UNKNOWN, _END = -1, -2


class TaggedWords:
    """Words and their tokens. Thread-safe."""

    def __init__(self, token_of: Callable[[str], str | None]) -> None:
        """Begin without words.

        Args:
            token_of: Returns the token of a line ``token/tag``, None if the token is filtered out.
                Called once for each distinct line.
        """
        self._numbers: dict[str, int] = {}
        self._tokens = _Tokens(token_of)
        self._places = np.zeros(0, np.int32)
        self._ends = np.zeros(1, np.int64)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, words: Sequence[str], lines: Sequence[str]) -> None:
        """Add words.

        Args:
            words: The words.
            lines: The lines ``token/tag`` of their tokens, word after word; the lines of each word
                are followed by the line ``END``.
        """
        with self._lock:
            places = np.fromiter(map(self._tokens.__getitem__, lines), np.int32, len(lines))
            is_kept = places >= 0
            first = len(self._ends) - 1
            ends = self._ends[-1] + np.cumsum(is_kept)[places == _END]
            self._places = np.concatenate([self._places, places[is_kept]])
            self._ends = np.concatenate([self._ends, ends])
            self._numbers.update(zip(words, range(first, first + len(ends)), strict=True))

    def find(self, words: Sequence[str]) -> npt.NDArray[np.int64]:
        """Number of each word, ``UNKNOWN`` for a word that was not added."""
        found = map(self._numbers.get, words, itertools.repeat(UNKNOWN))
        return np.fromiter(found, np.int64, len(words))

    def join(self, numbers: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> FlatTokens:
        """The tokens of texts.

        Args:
            numbers: Numbers of known words, see :meth:`find`, text after text.
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


def lines_of(entries: Iterable[str]) -> list[str]:
    """The lines of entries in the format of :meth:`TaggedWords.add`."""
    return "".join(f"{entry}\n{END}\n" for entry in entries).split("\n")[:-1]


class _Tokens(dict[str, int]):
    """Number of the token of each line, from 0; ``UNKNOWN`` if the token is filtered out."""

    def __init__(self, token_of: Callable[[str], str | None]) -> None:
        super().__init__({END: _END})
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
