"""Endings of a noun within a word: particles, the copula, and verbs derived from nouns."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from pipeline.topics.word_lists import read_sections


class Tail(IntEnum):
    """Kind of the text that follows a noun within its word."""

    BARE = 0
    """Nothing."""
    CASE = 1
    """A particle: the noun is an argument, as in 주차가."""
    COPULA = 2
    """The noun is the predicate, as in 최고예요."""
    VERBAL = 3
    """하다, 되다 and similar make a verb or adjective from it, as in 추천합니다."""
    OTHER = 4
    """Another word without a space."""


LIST = "particles.txt"
_KINDS = {"case": Tail.CASE, "copula": Tail.COPULA}
TAILS: dict[str, tuple[Tail, str]] = {"": (Tail.BARE, "any")}
"""Kind of each ending, and the final sound that a noun must have before it."""
for _section, _words in read_sections(LIST).items():
    _kind, _, _final = _section.partition(" ")
    if _kind in _KINDS:
        TAILS.update(dict.fromkeys(sorted(_words), (_KINDS[_kind], _final)))
LONGEST = max(map(len, TAILS))
ARGUMENTS = next(
    words for name, words in read_sections(LIST).items() if name.startswith("arguments")
)
_VERBAL = read_sections(LIST)["first syllables of verbs made of nouns"]

_NONE, _L = 0, 8
_SYLLABLES = range(0xAC00, 0xD7A4)


def cuts(word: str) -> Iterator[tuple[str, str, Tail]]:
    """Yield each noun, ending and kind of ending that a word may consist of, longest noun first."""
    for cut in range(len(word), max(0, len(word) - 1 - LONGEST), -1):
        ending = word[cut:]
        if ending in TAILS or ending[0] in _VERBAL:
            kind = tail_of(word[:cut], ending)
            if kind is not None:
                yield word[:cut], ending, kind


def tail_of(noun: str, ending: str) -> Tail | None:
    """The kind of an ending after a noun; None if it cannot follow it."""
    found = TAILS.get(ending)
    if found is not None and _fits(noun, found[1]):
        return found[0]
    if ending and ending[0] in _VERBAL:
        return Tail.VERBAL
    return None


def _fits(noun: str, final: str) -> bool:
    code = ord(noun[-1])
    if final == "any" or code not in _SYLLABLES:
        return True
    sound = (code - 0xAC00) % 28
    if final == "consonant":
        return sound != _NONE
    return sound == _NONE or (final == "vowel or ㄹ" and sound == _L)
