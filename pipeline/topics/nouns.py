"""Finds nouns in words: by the endings that follow them in the collection, and by a tagger.

A string is a noun if many different particles follow it: the L-R graph of Kim, Cho and Kang
("KR-WordRank", 2014) and of soynlp's noun extractor. This way new words are found whole, such as
체크인, which taggers cut in two. The tagger can reject nouns, and finds nouns that are too rare for
this statistic.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from pipeline.arrays import Integers
from pipeline.tokenizer.base import Tagged
from pipeline.topics.cut_words import join_cut_words
from pipeline.topics.endings import MOST_CHARACTERS, Endings
from pipeline.topics.particles import ARGUMENTS, Tail, cuts, tail_of
from pipeline.topics.plurals import ADDRESS, Plurals, may_be_plural, with_plural
from pipeline.topics.words import is_in_word

SHORTEST = 2
"""Minimum number of characters of a noun, unless it is in the list of short nouns."""
MIN_COUNT = 3
MIN_ENDINGS = 3
"""Minimum number of different endings that prove a noun; no ending counts as one of them."""
MIN_SHARE = 0.4
"""Minimum share of the words beginning with a noun that have an ending or nothing after it."""
MIN_ARGUMENTS = 2
"""A noun needs so many different endings of :data:`pipeline.topics.particles.ARGUMENTS`."""
MOST_COPULAS = 0.5
"""Maximum share of copulas among the endings; adjective stems have more, such as 편하 in 편하고."""

_NOUNS = {
    "okt": ("Noun", "Alpha", "Foreign"),
    "hannanum": ("N", "F"),
    "kkma": ("NNG", "NNP", "OL", "XR", "UN"),
    "komoran": ("NNG", "NNP", "SL", "XR", "NA", "NF"),
    "mecab": ("NNG", "NNP", "SL", "XR", "UNKNOWN"),
    "kiwi": ("NNG", "NNP", "SL", "XR", "UN"),
}
_PREFIXES = ("XPN", "Modifier")
_SUFFIXES = ("XSN", "Suffix")


class Piece(NamedTuple):
    """A noun in a word.

    Attributes:
        begin: Index of its first character in the word.
        noun: The noun.
        tail: Kind of the ending after it.
    """

    begin: int
    noun: str
    tail: Tail


def is_noun(tag: str, tagger: str) -> bool:
    """Whether a tagger's tag marks a noun that may be a topic."""
    first = tag.partition("+")[0]
    return first in _NOUNS[tagger]


def is_mention(text: str, begin: int, end: int) -> bool:
    """Whether a noun at this place of a text counts as a mention.

    A noun of one syllable counts only if it begins its word and is not a predicate: 차 in 차가,
    but not in 차다 or 22년차. A noun after a digit is a unit and left out: 점도 in 1점도.
    """
    noun = text[begin:end]
    if not noun.isalnum():
        return True
    before = text[begin - 1 : begin] if begin and is_in_word(text[begin - 1]) else ""
    tail = tail_of(noun, "".join(itertools.takewhile(is_in_word, text[end:])))
    return _counts(Piece(0, noun, Tail.OTHER if tail is None else tail), before)


def _counts(piece: Piece, before: str) -> bool:
    """Whether a piece counts; ``before`` is what its word has before it."""
    is_long = len(piece.noun) >= SHORTEST
    return (is_long or (not before and piece.tail <= Tail.CASE)) and not before[-1:].isdigit()


class NounFinder:
    """Finds the nouns in the words of a collection.

    Attributes:
        nouns: The nouns that are proven by their endings.
    """

    def __init__(
        self,
        types: Sequence[str],
        counts: Integers,
        tagged: Sequence[list[Tagged]],
        tagger: str,
        single: Set[str],
    ) -> None:
        """Count the endings to find the proven nouns.

        Args:
            types: Distinct words.
            counts: How often each occurs.
            tagged: The tagger's result for each.
            tagger: Its name.
            single: Accepted nouns of one syllable.
        """
        self._tagger, self._single = tagger, single
        self._tags = dict(zip(types, tagged, strict=True))
        self._endings = Endings(types, counts.tolist())
        self.nouns = self._proven(types, counts.tolist())
        self._endings.learn(self.nouns)
        joined = join_cut_words(tagged, counts.tolist(), self.nouns, self._may_be_cut)
        self._tags = dict(zip(types, joined, strict=True))
        self._plurals = Plurals(types, self._is_known, self._is_tagged)

    def __repr__(self) -> str:
        return f"NounFinder({self._tagger!r}, {len(self.nouns)} nouns)"

    def pieces(self, word: str) -> list[Piece]:
        """The nouns of a word, in order, that count as mentions; see :func:`is_mention`."""
        if whole := self._whole(word):
            found = [whole]
        else:
            found = list(self._tagged_nouns(word)) or list(self._beginning(word))
        return [one for one in found if _counts(one, word[: one.begin])]

    def _proven(self, types: Sequence[str], counts: Sequence[int]) -> set[str]:
        totals = {
            noun: sum(found.values())
            for noun, found in self._endings.of.items()
            if self._is_proven(noun, found)
        }
        beginning = dict.fromkeys(totals, 0)
        for word, count in zip(types, counts, strict=True):
            for length in range(1, min(len(word), MOST_CHARACTERS) + 1):
                if word[:length] in beginning:
                    beginning[word[:length]] += count
        nouns: set[str] = set()
        longer: Counter[str] = Counter()
        for noun in sorted(totals, key=lambda one: (-len(one), one)):
            total = totals[noun]
            if total < MIN_SHARE * (beginning[noun] - longer[noun]):
                continue
            nouns.add(noun)
            for length in range(1, len(noun)):
                longer[noun[:length]] += total
        return {
            noun
            for noun in nouns
            if not any(
                bare in nouns and totals[bare] > totals[noun] and kind is Tail.CASE
                for bare, _, kind in cuts(noun)
            )
        }

    def _is_proven(self, noun: str, endings: dict[str, int]) -> bool:
        total = sum(endings.values())
        if total < MIN_COUNT or len(endings) < MIN_ENDINGS or not self._may_be_noun(noun):
            return False
        copulas = sum(count for one, count in endings.items() if tail_of(noun, one) is Tail.COPULA)
        arguments = len(endings.keys() & ARGUMENTS)
        return arguments >= MIN_ARGUMENTS and copulas <= MOST_COPULAS * total

    def _may_be_noun(self, noun: str) -> bool:
        if len(noun) < SHORTEST:
            return noun in self._single
        if noun[0].isdigit():
            return len(noun.lstrip("0123456789")) >= SHORTEST
        tags = self._tags.get(noun)
        if tags is None:
            return True
        first = tags[0][1] if tags else ""
        return is_noun(first, self._tagger) or first.startswith(_PREFIXES)

    def _whole(self, word: str) -> Piece | None:
        """The longest noun that, with an ending, makes up the whole word.

        It is proven, or the plural of a noun.
        """
        if not may_be_plural(word) and not any(
            word[:cut] in self.nouns for cut in range(len(word), 0, -1)
        ):
            return None
        for noun, _, kind in cuts(word):
            singular = self._plurals.singular(noun)
            is_proven = noun in self.nouns and (
                len(noun) >= SHORTEST or kind is not Tail.CASE or not self._endings.has_own(word)
            )
            if is_proven or singular != noun:
                return Piece(0, singular, kind)
        return None

    def _may_be_cut(self, token: str, tag: str) -> bool:
        return len(token) >= SHORTEST and is_noun(tag, self._tagger)

    def _is_tagged(self, noun: str) -> bool:
        """Whether the tagger knows it as one noun."""
        tags = self._tags.get(noun, [])
        return len(tags) == 1 and is_noun(tags[0][1], self._tagger)

    def _is_known(self, noun: str) -> bool:
        return noun in self.nouns or self._is_tagged(noun)

    def _tagged_nouns(self, word: str) -> Iterator[Piece]:
        """Nouns that the tagger finds; tokens that form a proven noun together are joined."""
        tags = self._tags.get(word, [])
        if "".join(token for token, _ in tags) != word:
            return
        places, begin = [], 0
        for token, tag in tags:
            places.append((begin, token, tag))
            begin += len(token)
        index = 0
        while index < len(places):
            begin, _, tag = places[index]
            if not is_noun(tag, self._tagger):
                index += 1
                continue
            end = index + 1
            while end < len(places) and (
                is_noun(places[end][2], self._tagger) or places[end][2].startswith(_SUFFIXES)
            ):
                end += 1
            yield from self._run(word, places[index:end])
            index = end

    def _run(self, word: str, run: list[tuple[int, str, str]]) -> Iterator[Piece]:
        """Cut a run of noun tokens into the longest proven nouns."""
        index = 0
        while index < len(run):
            begin = run[index][0]
            end = index + 1
            for stop in range(len(run), index + 1, -1):
                joined = word[begin : run[stop - 1][0] + len(run[stop - 1][1])]
                if joined in self.nouns:
                    end = stop
                    break
            if end < len(run) and run[end][1] == ADDRESS:
                end += 1
            noun = self._without_particle(word[begin : run[end - 1][0] + len(run[end - 1][1])])
            if noun in self._single or len(noun) >= SHORTEST:
                form = with_plural(noun, word[begin:])
                tail = tail_of(form, word[begin + len(form) :])
                yield Piece(
                    begin, self._plurals.singular(noun), Tail.OTHER if tail is None else tail
                )
            index = end

    def _without_particle(self, noun: str) -> str:
        """A tagger's noun without a particle at its end, else the whole noun: 맛 for 맛과."""
        if noun in self.nouns:
            return noun
        for bare, ending, kind in cuts(noun):
            if kind is Tail.CASE and (
                (bare in self.nouns and len(bare) >= SHORTEST)
                or (self._is_accepted(bare) and self._endings.is_inflected(bare, ending))
            ):
                return bare
        return noun

    def _is_accepted(self, noun: str) -> bool:
        return noun in self._single or (len(noun) >= SHORTEST and self._is_tagged(noun))

    def _beginning(self, word: str) -> Iterator[Piece]:
        """The proven noun at the beginning of a verb that is derived from it."""
        for length in range(min(len(word) - 1, MOST_CHARACTERS), SHORTEST - 1, -1):
            if word[:length] in self.nouns and tail_of(word[:length], word[length:]) is Tail.VERBAL:
                yield Piece(0, word[:length], Tail.VERBAL)
                return
