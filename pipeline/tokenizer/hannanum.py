"""Bounds the run time of Hannanum, which doubles with each quotation mark in a word."""

from __future__ import annotations

import re

MOST_QUOTES = 8
"""Quotation marks after which a word is cut; twice as many take seconds."""

_PIECE = re.compile(rf"(?:[^'\"`]*['\"`]){{{MOST_QUOTES}}}(?=.)|.+")


def split_word(word: str) -> list[str]:
    """Pieces of a word, of at most :data:`MOST_QUOTES` quotation marks each."""
    return _PIECE.findall(word)
