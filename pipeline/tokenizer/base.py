"""The tokenizer interface, input sanitizing and token filters shared by all taggers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.flat_tokens import FlatTokens

LONGEST_WORD = 200
"""Maximum length of a word in characters; longer words are split, because the time of most taggers
is quadratic in the length of a word."""

MOST_OF_A_WORD = 5_000
"""Maximum number of characters of a word that are kept; the rest is dropped."""

Tagged = tuple[str, str]
"""A token and its part-of-speech tag, in the tagger's own tag set."""

_SPACED_WORD = re.compile(r"\S+")
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


class Tokenizer(Protocol):
    """Splits texts into tokens. Thread-safe."""

    def tokenize(self, texts: Sequence[str], cuts: Cuts | None = None) -> Iterator[list[str]]:
        """Yield the tokens of each text, in order; an empty list for a blank text.

        Args:
            texts: The texts.
            cuts: Counts the words that were cut; None logs their number after the last text.

        Raises:
            RunError: The Java virtual machine cannot start or lacks memory, or a worker died.
            CancelledError: :meth:`close` was called during the call.
        """

    def flat(self, texts: Sequence[str]) -> FlatTokens:
        """The tokens of all texts, see :meth:`tokenize`; meant for some thousand texts at once."""

    def close(self) -> None:
        """Cancel calls of :meth:`tokenize` in other threads, which raise CancelledError."""


def fit(text: str, on_cut: Callable[[str], None] = lambda word: None) -> str:
    """Sanitize a text for the taggers.

    Removes control characters and lone surrogates, on which some taggers fail, truncates words
    to :data:`MOST_OF_A_WORD` characters and cuts them every :data:`LONGEST_WORD` characters.

    Args:
        text: The text.
        on_cut: Called with each word that is cut.
    """
    if _UNFIT.search(text):
        text = _UNFIT.sub("", text)
    if len(text) <= LONGEST_WORD:
        return text
    return cut_words(text, lambda word: pieces_of(word[:MOST_OF_A_WORD], LONGEST_WORD), on_cut)


def cut_words(
    text: str, split: Callable[[str], Sequence[str]], on_cut: Callable[[str], None]
) -> str:
    """Split each word of a text with ``split`` and put spaces between the pieces."""

    def cut(match: re.Match[str]) -> str:
        pieces = split(match.group())
        if len(pieces) > 1:
            on_cut(match.group())
        return " ".join(pieces)

    return _SPACED_WORD.sub(cut, text)


def pieces_of(word: str, length: int) -> list[str]:
    """Pieces of a word, of ``length`` characters each; the last may be shorter."""
    return [word[start : start + length] for start in range(0, len(word), length)]


def token_filter(settings: TokenizerSettings) -> Callable[[Iterable[Tagged]], list[str]]:
    """Make a function that filters tagged tokens and formats them as the settings say."""
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


def has_filter(settings: TokenizerSettings) -> bool:
    """Whether the settings filter or reformat the tokens of the tagger."""
    return bool(settings.pos or settings.stop_words or settings.keep_tags or settings.drop_tags)


def is_word(token: str) -> bool:
    """Whether a token has a letter or a digit, i.e. is not punctuation or symbols only."""
    return any(map(str.isalnum, token))
