"""Bounds the run time of Kkma.

Kkma keeps all analyses of a run of Hangul until a part of it is unambiguous. Their number, and with
it the time, can double with each letter, as in ㄱㅋㄷㄱㅋㄷ or 아아아아; in most words it stays
below 110. The number is measured for longer and longer prefixes of a word, and the word is cut
before the number becomes too large.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from pipeline.tokenizer.base import pieces_of

LONGEST_WORD = 16
"""Maximum length of a word in characters; longer words are cut."""

MOST_ANALYSES = 500
"""Maximum number of analyses of a run of Hangul; if two such words are adjacent, twice as many
analyses take four times as long."""

FEW_ANALYSES = 50
"""Up to this number of analyses, a prefix may be extended by :data:`LONG_STEP` letters at once."""

LONG_STEP = 4
UNCHECKED = 7
"""Number of letters that have at most about :data:`MOST_ANALYSES` analyses, so need no check."""

_LONG_RUN = re.compile(f"[ㄱ-ㆎ가-힣]{{{UNCHECKED + 1},}}")


def split_word(word: str, count: Callable[[str], int]) -> list[str]:
    """Pieces of a word that Kkma can tag quickly.

    Args:
        word: The word.
        count: Number of analyses of a text; see :func:`count_analyses`.
    """
    pieces = []
    for rest in pieces_of(word, LONGEST_WORD):
        while _LONG_RUN.search(rest):
            end = _affordable(rest, count)
            pieces.append(rest[:end])
            rest = rest[end:]
        if rest:
            pieces.append(rest)
    return pieces


def _affordable(word: str, count: Callable[[str], int]) -> int:
    """Length of the longest prefix of a word that does not have too many analyses."""
    end, analyses = UNCHECKED, MOST_ANALYSES
    while end < len(word):
        longer = min(len(word), end + (LONG_STEP if analyses <= FEW_ANALYSES else 1))
        analyses = count(word[:longer])
        if analyses > MOST_ANALYSES:
            break
        end = longer
    return end


@functools.lru_cache(maxsize=10_000)
def count_analyses(text: str) -> int:
    """The largest number of analyses that Kkma keeps for a part of a text; needs Java."""
    import jpype

    analyzer = jpype.JClass("org.snu.ids.ha.ma.MorphemeAnalyzer")()
    return max((part.size() for part in analyzer.analyze(text)), default=0)
