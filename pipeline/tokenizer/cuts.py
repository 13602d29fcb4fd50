"""Counts the words that were too long for a tagger."""

from __future__ import annotations

import logging
from dataclasses import dataclass

logger = logging.getLogger(__name__)

SHOWN = 20
"""Maximum number of characters of a word in the log."""


@dataclass
class Cuts:
    """Words that were too long for a tagger, which therefore got them in pieces.

    Attributes:
        words: Number of these words.
        first: Beginning of the first of them.
    """

    words: int = 0
    first: str = ""

    def add(self, word: str) -> None:
        """Count a word."""
        self.words += 1
        if not self.first:
            self.first = word if len(word) <= SHOWN else f"{word[:SHOWN]}..."

    def merge(self, other: Cuts) -> None:
        """Add the words of ``other``, which come later."""
        self.words += other.words
        self.first = self.first or other.first

    def log(self, tagger: str) -> None:
        """Log the count in one line, unless it is 0."""
        if self.words:
            words = "1 word that was" if self.words == 1 else f"{self.words:,} words that were"
            logger.info(
                '%s: cut %s too long for the tagger (first: "%s")', tagger, words, self.first
            )
