"""Cuts texts without spaces into pieces of one or more characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from pipeline.arrays import IntArray
from pipeline.prepare.vocabulary import UNKNOWN

FIRST = UNKNOWN + 1
"""Id of the first piece."""
MOST_PIECES = 128
"""Maximum number of pieces of a text that are read; the rest is ignored."""


class Pieces:
    """Known pieces, found by greedy longest match.

    As in Wu et al., "Google's Neural Machine Translation System", 2016.

    Args:
        known: The pieces.
    """

    def __init__(self, known: Iterable[str]) -> None:
        self.known = list(known)
        self._numbers = {piece: number for number, piece in enumerate(self.known, FIRST)}
        longest: dict[str, int] = {}
        for piece in self.known:
            longest[piece[0]] = max(longest.get(piece[0], 1), len(piece))
        self._longest = longest

    def __len__(self) -> int:
        return FIRST + len(self.known)

    def cut(self, text: str) -> list[str]:
        """Cut a lowercase text without spaces into pieces, at most ``MOST_PIECES``."""
        numbers, longest, found, begin = self._numbers, self._longest, list[str](), 0
        text = _lowered(text)
        while begin < len(text) and len(found) < MOST_PIECES:
            size = longest.get(text[begin], 1)
            while size > 1 and text[begin : begin + size] not in numbers:
                size -= 1
            found.append(text[begin : begin + size])
            begin += size
        return found

    def numbers(self, pieces: Sequence[str]) -> IntArray:
        """The ids of pieces, int32, shape (pieces,)."""
        get = self._numbers.get
        return np.array([get(piece, UNKNOWN) for piece in pieces], np.int32)

    def encode(self, texts: Sequence[str]) -> tuple[IntArray, npt.NDArray[np.int64]]:
        """Ids of the pieces of all texts, concatenated, and the number of pieces of each text."""
        cut = [self.cut(text) for text in texts]
        lengths = np.array([len(pieces) for pieces in cut], np.int64)
        return self.numbers(list(chain.from_iterable(cut))), lengths


def _lowered(text: str) -> str:
    """The text in lower case, except for the few letters whose lower case is longer."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
