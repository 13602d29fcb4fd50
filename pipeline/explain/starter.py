"""Token contributions to the predictions of the starter, adapted to the texts or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pipeline.arrays import Floats
from pipeline.explain.alignment import align
from pipeline.explain.drivers import Explained
from pipeline.explain.ngram_contributions import by_token, contributions
from pipeline.model.ngrams import NgramRegression
from pipeline.settings import TokenizerSettings
from pipeline.starter.starter import Starter
from pipeline.tokenizer.pos import kinds


def explain(
    texts: Sequence[str],
    tokens: Sequence[list[str]],
    regression: NgramRegression | None,
    settings: TokenizerSettings,
    memo: Path | None = None,
) -> Iterator[Explained]:
    """Yield the kind of each token and its contribution to the logit.

    Args:
        texts: Cleaned texts.
        tokens: Tokens of each text.
        regression: The adapted starter; None for the starter alone.
        settings: Settings of the tagger that made the tokens.
        memo: Folder of the on-disk cache of tagger output per word, if there is one.
    """
    parts = _of_starter(texts, tokens)
    if regression is not None:
        weights = regression.coefficients.astype(float)
        parts = (own for own, _ in contributions(regression, weights, texts, tokens))
    of_kinds = kinds(texts, tokens, settings, memo)
    for text, own, own_kinds, contributed in zip(texts, tokens, of_kinds, parts, strict=True):
        yield Explained(text, own, align(text, own), own_kinds, contributed)


def _of_starter(texts: Sequence[str], tokens: Sequence[Sequence[str]]) -> Iterator[Floats]:
    lengths = np.array([len(text) for text in texts], np.int64)
    characters = np.split(Starter.load().contributions(texts), np.cumsum(lengths))[:-1]
    for text, own, contributed in zip(texts, tokens, characters, strict=True):
        parts, _ = by_token(contributed, align(text, own))
        yield parts
