"""What kind of word each token is, whichever tagger cut it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum

from pipeline.settings import TokenizerSettings
from pipeline.tokenizer.factory import shared_tokenizer


class Kind(Enum):
    """Of a token."""

    CONTENT = "content"
    """Says something by itself; also what no tagger knows."""
    STEM = "stem"
    """Content too: a verb or an adjective without its ending, 재밌 of 재밌어요."""
    GRAMMAR = "grammar"
    """A particle, an ending, the copula or a suffix."""


_SEJONG = ("J", "EP", "EF", "EC", "ET", "XS", "VCP")
_GRAMMAR = {
    "okt": ("Josa", "Eomi", "PreEomi", "Suffix"),
    "hannanum": ("J", "E", "X"),
    **dict.fromkeys(("mecab", "kiwi", "komoran", "kkma"), _SEJONG),
}
"""How the tags of grammar begin; MeCab joins those of a contraction, the first one says most."""
_STEMS = frozenset({"VV", "VA", "VX", "VXV", "VXA", "VCN", "P"})
"""P is Hannanum's; Kiwi marks how a stem is conjugated after a hyphen."""


def kinds(
    texts: Sequence[str], tokens: Sequence[list[str]], settings: TokenizerSettings
) -> Iterator[list[Kind]]:
    """Yield the kind of each token of each text.

    Args:
        texts: As they were tokenized.
        tokens: Of each text, by these settings.
        settings: The tagger and what is kept of its tokens.

    Raises:
        RunError: The Java virtual machine cannot start.
        SettingsError: The package of the tagger is not installed.
    """
    tagged = tokens
    if not settings.pos:
        with_tags = settings.model_copy(update={"pos": True})
        tagged = list(shared_tokenizer(with_tags).tokenize(texts))
    for own, its in zip(tokens, tagged, strict=True):
        pairs = [token.rpartition("/") for token in its]
        is_same = settings.pos or [token for token, _, _ in pairs] == own
        if is_same:
            yield [kind(tag, settings.name) for _, _, tag in pairs]
        else:  # the tagger's dictionary is not the one of then
            yield [Kind.CONTENT] * len(own)


def kind(tag: str, tagger: str) -> Kind:
    """The kind of a token with this part of speech, in the tag set of a tagger."""
    if tag.startswith(_GRAMMAR[tagger]):
        return Kind.GRAMMAR
    return Kind.STEM if tag.partition("-")[0] in _STEMS else Kind.CONTENT
