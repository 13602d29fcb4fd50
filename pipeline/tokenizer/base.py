"""What all taggers have in common: what they are given, and which tokens are kept of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from pipeline.settings import TokenizerSettings

LONGEST_WORD = 200
"""Characters after which a word is cut; the time of most taggers grows with their square."""

MOST_OF_A_WORD = 2_000
"""Characters of a word that are read; longer ones are no language."""

Tagged = tuple[str, str]
"""A token and its part of speech, in the tagger's own tag set."""

_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


class Tokenizer(Protocol):
    """Cuts texts into tokens; may be shared by threads."""

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text, in order; none for a text of nothing but spaces.

        Raises:
            RunError: The Java virtual machine cannot start.
        """

    def close(self) -> None:
        """Give up what is under way in other threads: it ends there with an error, at once."""


def fit(text: str, longest_word: int = LONGEST_WORD) -> str:
    """A text that no tagger stumbles over.

    Without control characters and lone surrogates, which break some of them, with words of more
    than ``longest_word`` characters cut by spaces, and without what is beyond the first
    :data:`MOST_OF_A_WORD` characters of a word.
    """
    if _UNFIT.search(text):
        text = _UNFIT.sub("", text)
    if len(text) > MOST_OF_A_WORD:
        text = re.sub(rf"(\S{{{MOST_OF_A_WORD}}})\S+", r"\1", text)
    if len(text) > longest_word:
        text = re.sub(rf"(\S{{{longest_word}}})(?=\S)", r"\1 ", text)
    return text


def token_filter(settings: TokenizerSettings) -> Callable[[Iterable[Tagged]], list[str]]:
    """A function from tagged tokens to those that the settings keep, as they are to be read."""
    stop_words = frozenset(settings.stop_words)
    keep, drop = settings.keep_tags, settings.drop_tags
    if not (stop_words or keep or drop):
        if settings.pos:
            return lambda tagged: [sys.intern(f"{token}/{tag}") for token, tag in tagged]
        return lambda tagged: [sys.intern(token) for token, _ in tagged]

    def kept(tagged: Iterable[Tagged]) -> list[str]:
        return [
            sys.intern(f"{token}/{tag}" if settings.pos else token)
            for token, tag in tagged
            if token not in stop_words
            and (not keep or tag.startswith(keep))
            and not (drop and tag.startswith(drop))
        ]

    return kept


def is_word(token: str) -> bool:
    """Whether a token has a letter or a digit, and is not of signs alone."""
    return any(map(str.isalnum, token))
