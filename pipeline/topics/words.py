"""The words of many texts as arrays: where each occurs, and its number among the distinct ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Integers

_WORD = re.compile(r"[가-힣A-Za-z0-9]+")
"""A run of syllables, Latin letters and digits; jamo, such as ㅋㅋ, are in none."""


class Words(NamedTuple):
    """The words of texts, in their order.

    Attributes:
        types: The distinct words, in lower case.
        counts: How often each occurs, shape (types,).
        ids: Index into ``types`` of each word, shape (words,).
        texts: Index of each word's text, ascending, shape (words,).
        begins: Place of each word's first character in its text, shape (words,).
        adjacent: Whether only one space separates a word from the next one of its text.
    """

    types: list[str]
    counts: Integers
    ids: Integers
    texts: Integers
    begins: Integers
    adjacent: Bools


def find_words(texts: Sequence[str]) -> Words:
    """Find the words of texts."""
    known: dict[str, int] = {}
    ids, of_text, begins, between = [], [], [], []
    for text in texts:
        matches = list(_WORD.finditer(text))
        for match in matches:
            ids.append(known.setdefault(match.group().lower(), len(known)))
            begins.append(match.start())
        of_text.append(len(matches))
        if matches:
            starts = [match.start() for match in matches[1:]]
            between += [
                text[match.end() : start] for match, start in zip(matches[:-1], starts, strict=True)
            ]
            between.append("\n")
    numbers = np.array(ids, np.int64)
    gaps = np.array([gap == " " for gap in between], bool)
    return Words(
        list(known),
        np.bincount(numbers, minlength=len(known)),
        numbers,
        np.repeat(np.arange(len(texts)), of_text),
        np.array(begins, np.int64),
        gaps,
    )
