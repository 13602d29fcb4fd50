"""Classifies tokens as content words, stems or grammar, for every tagger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.cuts import Cuts
from pipeline.tokenizer.factory import shared_tokenizer


class Kind(Enum):
    """Kind of a token."""

    CONTENT = "content"
    """A word with lexical meaning; also any unknown token."""
    STEM = "stem"
    """A verb or adjective without its ending, such as 재밌 in 재밌어요; also a content word."""
    GRAMMAR = "grammar"
    """A particle, an ending, the copula or a suffix."""


_SEJONG = ("J", "EP", "EF", "EC", "ET", "XS", "VCP")
_GRAMMAR = {
    "okt": ("Josa", "Eomi", "PreEomi", "Suffix"),
    "hannanum": ("J", "E", "X"),
    **dict.fromkeys(("mecab", "kiwi", "komoran", "kkma"), _SEJONG),
}
"""Prefixes of grammar tags. MeCab joins the tags of a contraction; the first tag decides."""
_STEMS = frozenset({"VV", "VA", "VX", "VXV", "VXA", "VCN", "P"})
"""Tags of stems. ``P`` is Hannanum's. Kiwi appends the conjugation class after a hyphen."""


def kinds(
    texts: Sequence[str],
    tokens: Sequence[list[str]],
    settings: TokenizerSettings,
    memo: Path | None = None,
) -> Iterator[list[Kind]]:
    """Yield the kind of each token of each text.

    Args:
        texts: The tokenized texts.
        tokens: Tokens of each text, made with ``settings``.
        settings: The tagger and its filters. Without ``pos``, texts are tagged again.
        memo: Folder of the on-disk cache of tagger output per word, None if there is none.

    Raises:
        RunError: The Java virtual machine cannot start.
        SettingsError: The tagger's package is not installed.
    """
    tagged = tokens
    if not settings.pos:
        with_tags = settings.model_copy(update={"pos": True})
        tagged = list(shared_tokenizer(with_tags, memo).tokenize(texts, Cuts()))
    for own, retagged in zip(tokens, tagged, strict=True):
        pairs = [token.rpartition("/") for token in retagged]
        is_same = settings.pos or [token for token, _, _ in pairs] == own
        if is_same:
            yield [kind(tag, settings.name) for _, _, tag in pairs]
        else:  # the tagger's dictionary has changed since the texts were tokenized
            yield [Kind.CONTENT] * len(own)


def kind(tag: str, tagger: str) -> Kind:
    """The kind of a token with part-of-speech ``tag`` in the tag set of ``tagger``."""
    if tag.startswith(_GRAMMAR[tagger]):
        return Kind.GRAMMAR
    return Kind.STEM if tag.partition("-")[0] in _STEMS else Kind.CONTENT
