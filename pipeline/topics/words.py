"""The words of many texts as arrays: position of each word, and its index in the distinct words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Integers

_WORD = re.compile(r"[가-힣A-Za-z0-9]+")
"""A run of syllables, Latin letters and digits; single jamo, such as ㅋㅋ, are not part of it."""
_SEPARATOR = "\n"


class Words(NamedTuple):
    """The words of texts, in their order.

    Attributes:
        types: The distinct words, in lower case.
        counts: How often each occurs, shape (types,).
        ids: Index into ``types`` of each word, shape (words,).
        texts: Index of each word's text, ascending, shape (words,).
        begins: Index of each word's first character in its text, shape (words,).
        adjacent: Whether exactly one space separates a word from the next word of its text.
    """

    types: list[str]
    counts: Integers
    ids: Integers
    texts: Integers
    begins: Integers
    adjacent: Bools


def is_in_word(character: str) -> bool:
    """Whether a character is part of a word."""
    return _WORD.match(character) is not None


def find_words(texts: Sequence[str]) -> Words:
    """Find the words of texts."""
    joined = _SEPARATOR.join(texts)
    known: dict[str, int] = {}
    ids = np.array(
        [known.setdefault(word.lower(), len(known)) for word in _WORD.findall(joined)], np.int64
    )
    spans = np.array([match.span() for match in _WORD.finditer(joined)], np.int64).reshape(-1, 2)
    begins, ends = spans.T
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
    of_text = np.searchsorted(starts, begins, side="right") - 1
    is_space = np.array([joined[end : end + 1] == " " for end in ends.tolist()], bool)
    adjacent = is_space & np.append(begins[1:] == ends[:-1] + 1, False)[: len(ids)]
    return Words(
        list(known),
        np.bincount(ids, minlength=len(known)),
        ids,
        of_text,
        begins - starts[of_text],
        adjacent,
    )
