"""Texts as jamo, the letters of Hangul syllables, without white space.

N-grams of jamo know a stem or ending in more of its forms than those of syllables do: 좋았 and 좋다
share ㅈㅗㅎ, and misspelt or unspaced words keep most of theirs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from pipeline.arrays import Integers


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
    return [text.translate(_LETTERS) for text in texts]


def characters_of_jamo(text: str) -> Integers:
    """For each letter of a decomposed text the character of the text that it comes from."""
    lengths = np.array([len(_LETTERS[ord(one)]) for one in text], np.intp)
    return np.repeat(np.arange(len(text)), lengths)
