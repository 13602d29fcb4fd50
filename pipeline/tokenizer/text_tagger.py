"""Tokenizer for the taggers whose tokens depend on context: all but Okt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import fit, token_filter
from pipeline.tokenizer.jvm import frozen_objects
from pipeline.tokenizer.pool import Pool
from pipeline.tokenizer.taggers import TAGGERS

LONGEST_PIECE = 2_000
"""Characters after which a text is split at a space."""
TEXTS_AT_ONCE = 2_000

_PIECE = re.compile(rf".{{1,{LONGEST_PIECE}}}(?:\s|$)", re.DOTALL)


class WholeTextTokenizer:
    """Runs a tagger in a thread pool.

    The tokens equal those of the tagger itself, except in texts of more than
    :data:`LONGEST_PIECE` characters, in words of more than the tagger's ``longest_word``
    characters, and next to characters that the tagger cannot read, which become tokens.
    """

    def __init__(self, settings: TokenizerSettings, workers: int | None = None) -> None:
        """Load the tagger.

        Raises:
            SettingsError: The tagger's package is not installed.
            RunError: The Java virtual machine cannot start.
        """
        self._settings = settings
        self._pool = Pool(workers)
        self._keep = token_filter(settings)
        self._tagger = TAGGERS[settings.name](settings, self._pool.workers)

    def __repr__(self) -> str:
        return f"WholeTextTokenizer({self._settings!r})"

    def tokenize(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """Yield the tokens of each text; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        size = self._tagger.texts_per_call
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            texts_pieces = [
                _pieces(fit(text, self._tagger.longest_word))
                for text in texts[start : start + TEXTS_AT_ONCE]
            ]
            pieces = list(itertools.chain.from_iterable(texts_pieces))
            calls = [pieces[i : i + size] for i in range(0, len(pieces), size)]
            with frozen_objects():
                results = list(self._pool.map(self._tagger.tag, calls))
            tagged = itertools.chain.from_iterable(results)
            for own in texts_pieces:
                yield self._keep(token for _ in own for token in next(tagged))

    def close(self) -> None:
        """Cancel calls in other threads; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        self._pool.close()


def _pieces(text: str) -> list[str]:
    text = text.strip()
    if not text:
        return []
    return [text] if len(text) <= LONGEST_PIECE else [p.strip() for p in _PIECE.findall(text)]
