"""Tokenizer for the taggers whose tokens depend on context: all but Okt."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from pipeline.runtime import frozen_objects
from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.base import Tagged, fit, token_filter
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.flat_tokens import FlatTokens
from pipeline.tokenizer.pool import Pool
from pipeline.tokenizer.taggers import TAGGERS

LONGEST_PIECE = 2_000
"""Number of characters after which a text is split at a space."""
TEXTS_AT_ONCE = 2_000

_PIECE = re.compile(rf".{{1,{LONGEST_PIECE}}}(?:\s|$)", re.DOTALL)


class WholeTextTokenizer:
    """Runs a tagger in a thread pool.

    The tokens equal those of the tagger itself, except in texts of more than
    :data:`LONGEST_PIECE` characters, in words that are too long for the tagger, and next to
    characters that the tagger cannot read, which become tokens.
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

    def tokenize(self, texts: Sequence[str], cuts: Cuts | None = None) -> Iterator[list[str]]:
        """Yield the tokens of each text; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        counted = Cuts() if cuts is None else cuts
        size = self._tagger.texts_per_call
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            texts_pieces = [
                _pieces(fit(text, counted.add)) for text in texts[start : start + TEXTS_AT_ONCE]
            ]
            pieces = list(itertools.chain.from_iterable(texts_pieces))
            calls = [pieces[i : i + size] for i in range(0, len(pieces), size)]
            with frozen_objects():
                results = list(self._pool.map(self._tag, calls))
            for _, cut in results:
                counted.merge(cut)
            tagged = itertools.chain.from_iterable(tokens for tokens, _ in results)
            for own in texts_pieces:
                yield self._keep(token for _ in own for token in next(tagged))
        if cuts is None:
            counted.log(self._settings.name)

    def flat(self, texts: Sequence[str]) -> FlatTokens:
        """The tokens of all texts; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        return FlatTokens.of(self.tokenize(texts))

    def close(self) -> None:
        """Cancel calls in other threads; see :class:`pipeline.tokenizer.base.Tokenizer`."""
        self._pool.close()

    def _tag(self, texts: Sequence[str]) -> tuple[Sequence[list[Tagged]], Cuts]:
        cuts = Cuts()
        return self._tagger.tag(texts, cuts.add), cuts


def _pieces(text: str) -> list[str]:
    text = text.strip()
    if not text:
        return []
    return [text] if len(text) <= LONGEST_PIECE else [p.strip() for p in _PIECE.findall(text)]
