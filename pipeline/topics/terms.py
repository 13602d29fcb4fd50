"""Finds the nouns in texts, and joins neighbours that form one term, such as 주차 and 자리."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Integers
from pipeline.topics.nouns import NounFinder
from pipeline.topics.particles import Tail
from pipeline.topics.words import Words

MIN_ASSOCIATION = 0.35
"""Minimum normalized pointwise mutual information of two nouns that form one term."""


class Occurrences(NamedTuple):
    """Each occurrence of a noun or term, in the order of the texts.

    Attributes:
        names: The distinct terms, without spaces.
        ids: Index into ``names``, shape (occurrences,).
        texts: Index of the text.
        begins: Index of its first character in the text.
        ends: Index after its last character.
        tails: What follows within the word; see :class:`pipeline.topics.particles.Tail`.
        joins: Whether the next occurrence follows directly, after at most one space.
        finals: Whether its word is the last of the text, or before punctuation.
    """

    names: list[str]
    ids: Integers
    texts: Integers
    begins: Integers
    ends: Integers
    tails: Integers
    joins: Bools
    finals: Bools

    @classmethod
    def none(cls) -> Occurrences:
        """No occurrence of anything."""
        nothing = np.zeros(0, np.int64)
        return cls([], nothing, nothing, nothing, nothing, nothing, nothing > 0, nothing > 0)

    def keep(self, kept: Bools) -> Occurrences:
        """Some of the occurrences, in their order."""
        return Occurrences(
            self.names,
            self.ids[kept],
            self.texts[kept],
            self.begins[kept],
            self.ends[kept],
            self.tails[kept],
            self.joins[kept],
            self.finals[kept],
        )


def find_nouns(words: Words, finder: NounFinder) -> Occurrences:
    """The nouns of each word of the texts."""
    names: dict[str, int] = {}
    numbers, places, sizes, tails, per_type = [], [], [], [], []
    for word in words.types:
        pieces = finder.pieces(word)
        per_type.append(len(pieces))
        for piece in pieces:
            numbers.append(names.setdefault(piece.noun, len(names)))
            places.append(piece.begin)
            sizes.append(len(piece.noun))
            tails.append(int(piece.tail))
    counts = np.array(per_type, np.int64)
    repeats = counts[words.ids]
    word_of = np.repeat(np.arange(len(words.ids)), repeats)
    within = np.arange(len(word_of)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    piece_of = (np.cumsum(counts) - counts)[words.ids[word_of]] + within
    begins = words.begins[word_of] + np.array(places, np.int64)[piece_of]
    ends = begins + np.array(sizes, np.int64)[piece_of]
    found = Occurrences(
        list(names),
        np.array(numbers, np.int64)[piece_of],
        words.texts[word_of],
        begins,
        ends,
        np.array(tails, np.int64)[piece_of],
        np.zeros(len(word_of), bool),
        ~words.adjacent[word_of],
    )
    if not len(word_of):
        return found
    same_text = found.texts[1:] == found.texts[:-1]
    touches = begins[1:] == ends[:-1]
    spaced = (begins[1:] == ends[:-1] + 1) & words.adjacent[word_of[:-1]]
    ends_word = found.tails[:-1] == int(Tail.BARE)
    joins = np.append(same_text & (touches | (spaced & ends_word)), False)
    return found._replace(joins=joins)


def join_terms(found: Occurrences, allowed: Bools, min_count: int) -> Occurrences:
    """Join neighbours that occur together much more often than by chance.

    The measure is normalized pointwise mutual information (Bouma, "Normalized (Pointwise) Mutual
    Information in Collocation Extraction", 2009). If a term is also written without a space, both
    spellings are counted.

    Args:
        found: The nouns.
        allowed: Whether a noun may be part of a term, shape (names,).
        min_count: Minimum number of occurrences of a term.
    """
    can_join = np.flatnonzero(found.joins)
    can_join = can_join[allowed[found.ids[can_join]] & allowed[found.ids[can_join + 1]]]
    if not len(can_join):
        return found
    size = len(found.names)
    keys = found.ids[can_join] * size + found.ids[can_join + 1]
    pairs, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    firsts, seconds = pairs // size, pairs % size
    known = {name: index for index, name in enumerate(found.names)}
    of_noun = np.bincount(found.ids, minlength=size)
    strings = [found.names[a] + found.names[b] for a, b in zip(firsts, seconds, strict=True)]
    written = np.array([of_noun[known[one]] if one in known else 0 for one in strings])
    total = counts + written
    probability = total / len(found.ids)
    expected = (of_noun[firsts] + written) * (of_noun[seconds] + written) / len(found.ids) ** 2
    association = np.log(probability / expected) / -np.log(probability)
    accepted = (total >= min_count) & (association >= MIN_ASSOCIATION) & (firsts != seconds)
    places = can_join[accepted[which]]
    strength = association[which][accepted[which]]
    return _joined(found, _disjoint(places, strength), known)


def _disjoint(places: Integers, strength: np.ndarray) -> Integers:
    """Choose places of which no two are neighbours, taking the strongest first."""
    taken: set[int] = set()
    for place in places[np.argsort(-strength, kind="stable")].tolist():
        if place - 1 not in taken and place + 1 not in taken:
            taken.add(place)
    return np.array(sorted(taken), np.int64)


def _joined(found: Occurrences, places: Integers, known: dict[str, int]) -> Occurrences:
    names, ids = list(found.names), found.ids.copy()
    for place in places.tolist():
        string = names[found.ids[place]] + names[found.ids[place + 1]]
        if string not in known:
            known[string] = len(names)
            names.append(string)
        ids[place] = known[string]
    source = np.arange(len(ids))  # what follows a term is what follows its last noun
    source[places] += 1
    kept = np.ones(len(ids), bool)
    kept[places + 1] = False
    return Occurrences(
        names,
        ids,
        found.texts,
        found.begins,
        found.ends[source],
        found.tails[source],
        found.joins[source],
        found.finals[source],
    ).keep(kept)
