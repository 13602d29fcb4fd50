"""Bounds the run time of Hannanum, which doubles with each quotation mark in a word."""

from __future__ import annotations

import re

MOST_QUOTES = 8
"""Maximum number of quotation marks in a word; with twice as many, tagging takes seconds."""

_PIECE = re.compile(rf"(?:[^'\"`]*['\"`]){{{MOST_QUOTES}}}(?=.)|.+")


def split_word(word: str) -> list[str]:
    """Pieces of a word, each with at most :data:`MOST_QUOTES` quotation marks."""
    return _PIECE.findall(word)
