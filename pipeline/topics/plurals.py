"""Plural and honorific forms of nouns: 직원들, 직원분, 직원분들, 사장님들.

The honorific 님 is part of an address, so it stays: a topic is named 사장 or 사장님, whichever is
written more often (see :mod:`pipeline.topics.variants`). 네 is left alone: in reviews nearly all
words in 네 are exclamations such as 재밌네.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

PLURAL, HONORIFIC, ADDRESS = "들", "분", "님"
SHORTEST = 2
"""Minimum number of syllables before a suffix: 아들, 흔들, 부분 and 성분 have no suffix."""


def may_be_plural(word: str) -> bool:
    """Whether a word may have a suffix; a quick check."""
    return PLURAL in word or HONORIFIC in word


def with_plural(noun: str, word: str) -> str:
    """A noun with the suffixes 분, 들 or 분들 that follow it at the beginning of a word."""
    for suffix in (HONORIFIC, PLURAL):
        if word.startswith(noun + suffix):
            noun += suffix
    return noun


class Plurals:
    """Removes the suffixes from plural and honorific forms.

    Args:
        words: The distinct words of the collection.
        is_noun: Whether a string is a noun.
        is_whole: Whether the tagger knows a string as one noun, such as 영양분 and 여러분.
    """

    def __init__(
        self,
        words: Iterable[str],
        is_noun: Callable[[str], bool],
        is_whole: Callable[[str], bool],
    ) -> None:
        self._is_noun, self._is_whole = is_noun, is_whole
        self._people = {
            word[:place]
            for word in words
            if PLURAL in word or ADDRESS in word
            for place, letter in enumerate(word)
            if letter in (PLURAL, ADDRESS)
        }
        """What precedes 들 or 님: people, unlike 판매 in 판매분, what was sold."""
        self._known: dict[str, str] = {}

    def singular(self, noun: str) -> str:
        """The noun without 들, 분들 and 분; unchanged if these are part of the noun."""
        if noun[-1] not in (PLURAL, HONORIFIC):
            return noun
        if noun not in self._known:
            self._known[noun] = self._without_suffix(noun)
        return self._known[noun]

    def _without_suffix(self, noun: str) -> str:
        if self._is_whole(noun):
            return noun
        bare = noun.removesuffix(PLURAL)
        person = bare.removesuffix(HONORIFIC)
        is_person = bare != noun or person in self._people
        if person != bare and is_person and self._may_end(person) and not self._is_whole(bare):
            return person
        is_known = self._may_end(bare) or self._may_end(bare.removesuffix(ADDRESS))
        return bare if is_known else noun

    def _may_end(self, noun: str) -> bool:
        return len(noun) >= SHORTEST and not noun[0].isdigit() and self._is_noun(noun)
