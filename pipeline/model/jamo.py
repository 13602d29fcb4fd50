"""Texts as jamo, the letters of Hangul syllables, without white space.

N-grams of jamo match a stem or ending in more of its forms than n-grams of syllables: 좋았 and 좋다
share ㅈㅗㅎ, and misspelt or unspaced words still share most of their jamo n-grams.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Integers, offsets_of

MIN_TEXTS, TEXTS_AT_ONCE = 50, 500
"""Fewer texts are decomposed one by one, more in chunks that fit into the processor's cache."""
_CODES, _MOST_LETTERS = 0x110000, 4
_UNSEEN = 255
"""Marks a character that has not occurred yet, in place of its number of letters."""


class _Letters(dict[int, str]):
    """The letters of each character, by code point."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        letters = "" if character.isspace() else unicodedata.normalize("NFD", character)
        self[code] = letters
        return letters


_LETTERS = _Letters()


def decompose(texts: Sequence[str]) -> list[str]:
    """Each text with its characters decomposed and without white space."""
    if len(texts) < MIN_TEXTS:
        return [text.translate(_LETTERS) for text in texts]
    if len(texts) > TEXTS_AT_ONCE:
        parts = range(0, len(texts), TEXTS_AT_ONCE)
        return [one for begin in parts for one in decompose(texts[begin : begin + TEXTS_AT_ONCE])]
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    letters, sizes = _tables().letters_of(np.frombuffer(joined, "<u4"))
    decomposed = letters.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    ends = offsets_of(sizes)[offsets_of(np.array([len(text) for text in texts], np.int64))].tolist()
    return [decomposed[begin:end] for begin, end in itertools.pairwise(ends)]


class _Tables:
    """The letters of each character as arrays, filled as characters occur."""

    def __init__(self) -> None:
        self._letters = np.zeros((_CODES, _MOST_LETTERS), np.uint32)
        self._sizes = np.full(_CODES, _UNSEEN, np.uint8)
        self._is_letter = np.tri(_MOST_LETTERS + 1, _MOST_LETTERS, -1, bool)  # by size and position

    def letters_of(
        self, codes: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
        """The letters of all characters, concatenated, and the number of letters of each."""
        sizes = self._sizes[codes]
        if sizes.max(initial=0) == _UNSEEN:
            for code in set(codes[sizes == _UNSEEN].tolist()):
                own = [ord(letter) for letter in _LETTERS[code]]
                self._letters[code, : len(own)] = own
                self._sizes[code] = len(own)
            sizes = self._sizes[codes]
        is_letter = self._is_letter.take(sizes, axis=0)
        letters = self._letters.take(codes, axis=0)
        return np.compress(is_letter.ravel(), letters.ravel()), sizes


@functools.cache
def _tables() -> _Tables:
    return _Tables()


def characters_of_jamo(text: str) -> Integers:
    """Index in the text of the character that each letter of the decomposed text comes from."""
    lengths = np.array([len(_LETTERS[ord(one)]) for one in text], np.intp)
    return np.repeat(np.arange(len(text)), lengths)
