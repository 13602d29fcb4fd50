"""The part-of-speech tags of each tagger, to check ``keep_tags`` and ``drop_tags``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

TaggerName = Literal["okt", "komoran", "hannanum", "kkma", "mecab", "kiwi"]

_SEJONG = (
    *("NNG", "NNP", "NNB", "NR", "NP", "VV", "VA", "VX", "VCP", "VCN", "MM", "MAG", "MAJ", "IC"),
    *("JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC"),
    *("EP", "EF", "EC", "ETN", "ETM", "XPN", "XSN", "XSV", "XSA", "XR"),
    *("SF", "SE", "SH", "SL", "SN"),
)
TAGS: dict[TaggerName, tuple[str, ...]] = {
    "okt": (
        *("Noun", "Verb", "Adjective", "Adverb", "Determiner", "Exclamation", "Josa", "Eomi"),
        *("PreEomi", "Conjunction", "Modifier", "VerbPrefix", "Suffix", "KoreanParticle"),
        *("Alpha", "Number", "Foreign", "Punctuation", "Hashtag", "ScreenName", "Email", "URL"),
        *("CashTag", "Unknown"),
    ),
    "komoran": (*_SEJONG, "SP", "SS", "SO", "SW", "NA", "NF", "NV", "UNKNOWN"),
    "hannanum": ("N", "P", "M", "I", "J", "E", "X", "S", "F", "UNKNOWN"),
    "kkma": (
        *("NNG", "NNP", "NNB", "NNM", "NR", "NP", "VV", "VA", "VXV", "VXA", "VX", "VCP", "VCN"),
        *("MDT", "MDN", "MAG", "MAC", "IC", "EMO"),
        *("JKS", "JKC", "JKG", "JKO", "JKM", "JKI", "JKQ", "JX", "JC", "EPH", "EPT", "EPP"),
        *("EFN", "EFQ", "EFO", "EFA", "EFI", "EFR", "ECE", "ECD", "ECS", "ETN", "ETD"),
        *("XPN", "XPV", "XSN", "XSV", "XSA", "XSM", "XSO", "XR", "UN"),
        *("SF", "SP", "SS", "SE", "SO", "SW", "OL", "OH", "ON", "UNKNOWN"),
    ),
    "mecab": (*_SEJONG, "NNBC", "SSO", "SSC", "SC", "SY", "NA", "UNA", "UNKNOWN"),
    "kiwi": (
        *(*_SEJONG, "XSM", "SP", "SS", "SSO", "SSC", "SO", "SW", "SB", "UN"),
        *("VV-R", "VV-I", "VA-R", "VA-I", "VX-R", "VX-I", "XSA-R", "XSA-I", "XSV-R", "XSV-I"),
        *("W_URL", "W_EMAIL", "W_HASHTAG", "W_MENTION", "W_SERIAL", "W_EMOJI", "Z_CODA", "Z_SIAT"),
        *("USER0", "USER1", "USER2", "USER3", "USER4"),
    ),
}
"""``UNKNOWN``: characters that the tagger cannot read, such as emoji."""


def check_tags(key: str, prefixes: Sequence[str], taggers: Sequence[TaggerName]) -> None:
    """Check that each prefix matches a tag, and that each tagger has a tag that matches.

    Args:
        key: Name of the setting, for the message.
        prefixes: Prefixes of tags; MeCab joins the tags of a contraction, as in ``VV+EC``.
        taggers: The taggers that are used.

    Raises:
        ValueError: A prefix matches no tag, or a tagger has no tag that matches.
    """
    if not prefixes:
        return
    unknown = [prefix for prefix in prefixes if not any(_has(tagger, prefix) for tagger in taggers)]
    for tagger in dict.fromkeys(taggers):
        matching = [prefix for prefix in prefixes if _has(tagger, prefix)]
        missing = unknown if matching else prefixes
        if missing:
            raise ValueError(
                f"{key}: {tagger} has no tag {', '.join(missing)}; "
                f"its tags are {', '.join(TAGS[tagger])}"
            )


def _has(tagger: TaggerName, prefix: str) -> bool:
    """Whether a tag of the tagger begins with ``prefix``."""
    *whole, last = prefix.split("+") if tagger == "mecab" else [prefix]
    tags = TAGS[tagger]
    return all(tag in tags for tag in whole) and any(tag.startswith(last) for tag in tags)
