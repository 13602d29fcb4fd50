"""Finds the topics of texts and their mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Bools, Floats, Integers
from pipeline.tokenizer.base import Tagged
from pipeline.topics.documents import Documents
from pipeline.topics.embedding import term_vectors
from pipeline.topics.nouns import NounFinder
from pipeline.topics.particles import TAILS, Tail, tail_of
from pipeline.topics.stop_nouns import general_names, short_nouns, slang_verdicts, stop_nouns
from pipeline.topics.terms import Occurrences, find_nouns, join_terms
from pipeline.topics.variants import merge_suffixes, merge_variants
from pipeline.topics.words import Words, find_words

Tag = Callable[[Sequence[str]], Sequence[list[Tagged]]]
"""Function from words to the tokens of each, with their tags."""

MOST_TOPICS = 200
MOST_TERMS = 400
"""Number of most frequent terms that are compared to find spelling variants."""
MIN_JOINED = 5
"""Minimum number of occurrences of a term of several words."""
MIN_REVIEWS = 3
MIN_SHARE = 0.002
"""A topic needs this share of the reviews, but at most :data:`MOST_MIN_REVIEWS` reviews."""
MOST_MIN_REVIEWS = 50

PREDICATE_SHARE = 0.7
"""Minimum share of 하다, 되다 and copulas after nouns that are evaluations (추천, 친절)."""
ARGUMENT_SHARE = 0.12
"""Minimum share of particles after a noun that reviews talk about."""
VERDICT_SHARE = 0.4
"""A noun is a verdict if at least this share of its occurrences has a copula, ends a phrase or
precedes a general name: 쓰레기다, 쓰레기!, 쓰레기 영화."""
VERDICT_ARGUMENT_SHARE = 0.15
SLANG_VERDICT_SHARE = 0.2
"""The same for words that are verdicts in some collections and topics in others, whatever their
share of particles."""
MODIFIER_SHARE = 0.25
"""Minimum share of occurrences before a general name, for kinds and evaluations: 5성급 호텔."""
MODIFIER_ARGUMENT_SHARE = 0.25
NEVER = 75
"""A noun that never has a particle, and occurs so often without a noun after it, is an adverb."""
BARE_SHARE = 0.9
"""Minimum share of occurrences without an ending of a particle that a tagger takes for a noun."""
NESTED_SHARE = 0.8
"""A noun is no topic by itself if this share of its occurrences is within one longer term."""
MIN_GROUPS = 5
FEW_GROUPS = 2.5
"""A term is a local name if fewer groups than this, as effective number, mention it."""
VARIANT_SHARE = 0.03
MOST_VARIANTS = 5


class Topics(NamedTuple):
    """The topics, most mentioned first, and their occurrences in the order of the texts.

    Attributes:
        found: Occurrences; ``found.names`` has the usual spelling of each topic.
        variants: Other spellings of each topic, most frequent first.
        vectors: Unit vector of each topic, shape (topics, dimensions).
    """

    found: Occurrences
    variants: list[tuple[str, ...]]
    vectors: Floats

    def ordered(self, order: Integers) -> Topics:
        """The same topics in another order, the first of ``order`` first."""
        rank = np.argsort(order)
        names = [self.found.names[one] for one in order]
        return Topics(
            self.found._replace(names=names, ids=rank[self.found.ids]),
            [self.variants[one] for one in order],
            self.vectors[order],
        )


def find_topics(documents: Documents, tag: Tag, tagger: str) -> Topics:
    """Find the topics of texts.

    Args:
        documents: The texts.
        tag: The tagger.
        tagger: Its name, which determines the meaning of its tags.
    """
    words = find_words(documents.texts)
    finder = NounFinder(words.types, words.counts, tag(words.types), tagger, short_nouns())
    nouns = find_nouns(words, finder)
    reviews = len(documents.main)
    least = int(np.clip(round(MIN_SHARE * reviews), MIN_REVIEWS, MOST_MIN_REVIEWS))
    allowed = _may_be_topics(nouns, stop_nouns() | _group_names(documents), finder.nouns)
    terms = join_terms(nouns, allowed, max(least, MIN_JOINED))
    may_show = np.append(allowed, np.ones(len(terms.names) - len(allowed), bool))
    may_show &= ~_only_nested(nouns, terms) & ~_are_local(documents, terms)
    counts = np.bincount(terms.ids, minlength=len(terms.names)) * may_show
    frequent = _frequent(terms.names, counts)
    if not len(frequent):
        return Topics(Occurrences.none(), [], np.zeros((0, 1)))
    return _topics(documents, words, terms, frequent, counts, least)


def _may_be_topics(nouns: Occurrences, stops: Set[str], proven: Set[str]) -> Bools:
    """Which nouns are not in the stop list, not numbers, and not used as predicates or adverbs."""
    size = len(nouns.names)
    tails = np.zeros((size, len(Tail)))
    np.add.at(tails, (nouns.ids, nouns.tails), 1)
    total = np.maximum(tails.sum(axis=1), 1)
    argument = tails[:, Tail.CASE] / total
    predicate = (tails[:, Tail.COPULA] + tails[:, Tail.VERBAL]) / total
    listed = np.array([_is_stopped(name, stops) for name in nouns.names], bool)
    alone = np.bincount(nouns.ids, ~nouns.joins, size)
    is_name = np.array([name in general_names() for name in nouns.names], bool)
    before = np.append(is_name[nouns.ids[1:]], False) & nouns.joins
    final = np.bincount(nouns.ids, (nouns.tails == Tail.BARE) & nouns.finals, size)
    modifier = np.bincount(nouns.ids, before, size) / total
    verdict = (tails[:, Tail.COPULA] + final) / total + modifier
    is_slang = np.array([name in slang_verdicts() for name in nouns.names], bool)
    unproven = np.array([name not in proven for name in nouns.names], bool)
    like_verb = unproven & np.array([name[-1] in _VERB_ENDINGS for name in nouns.names], bool)
    like_particle = unproven & np.array([_is_like_particle(name) for name in nouns.names], bool)
    is_bare = (tails[:, Tail.BARE] >= BARE_SHARE * total) & (tails[:, Tail.CASE] == 0)
    return np.asarray(
        ~listed
        & ~((argument < ARGUMENT_SHARE) & (predicate >= PREDICATE_SHARE))
        & ~((argument < VERDICT_ARGUMENT_SHARE) & (verdict >= VERDICT_SHARE))
        & ~(is_slang & (verdict >= SLANG_VERDICT_SHARE))
        & ~((argument < MODIFIER_ARGUMENT_SHARE) & (modifier >= MODIFIER_SHARE))
        & ~((tails[:, Tail.CASE] == 0) & (alone >= NEVER))
        & ~(like_verb & (argument < ARGUMENT_SHARE))
        & ~(like_particle & is_bare)
    )


_VERB_ENDINGS = frozenset("고서건면더게지해함음니며라하려나됨임럼든데야신")


def _is_like_particle(name: str) -> bool:
    """Whether it is a particle, or one after a single syllable, as in 하는 수가 and 만의."""
    alone = TAILS.get(name, (Tail.BARE, ""))[0]
    return Tail.CASE in (alone, tail_of(name[0], name[1:]))


def _is_stopped(name: str, stops: Set[str]) -> bool:
    """Whether it is listed, a number, a repeated letter, or an adjective such as 자극적."""
    bare = name.lstrip("0123456789")
    is_short = len(bare) < (1 if bare == name else 2)
    is_repeated = len(bare) > 1 and len(set(bare)) == 1 and bare.isascii()
    is_adjective = len(name) == 3 and name.endswith("적")
    return name in stops or bare in stops or is_short or is_repeated or is_adjective


def _group_names(documents: Documents) -> Set[str]:
    """The words of the groups' names, and the names themselves without spaces."""
    names = {name for name in documents.group_names if name}
    words = {word for name in names for word in name.lower().split() if len(word) > 1}
    return words | {name.lower().replace(" ", "") for name in names}


def _only_nested(nouns: Occurrences, terms: Occurrences) -> Bools:
    """Which nouns occur only within one longer term, so that Frantzi's C-value is 0.

    Frantzi, Ananiadou and Mima, "Automatic Recognition of Multi-Word Terms: the
    C-value/NC-value Method", 2000.
    """
    size, old = len(terms.names), len(nouns.names)
    before = np.bincount(nouns.ids, minlength=size)
    after = np.bincount(terms.ids, minlength=size)
    longest_part = np.zeros(size)
    joined = {terms.names[one]: after[one] for one in range(size)}
    known = {name: place for place, name in enumerate(nouns.names)}
    for name in terms.names[old:]:
        for cut in range(1, len(name)):
            for part in (name[:cut], name[cut:]):
                if part in known:
                    longest_part[known[part]] = max(longest_part[known[part]], joined[name])
    return (before > 0) & (longest_part >= NESTED_SHARE * before)


def _are_local(documents: Documents, terms: Occurrences) -> Bools:
    """Which terms are mentioned by only a few of many groups, such as street names."""
    groups, of_text = np.unique(np.array(documents.groups, dtype=object), return_inverse=True)
    if len(groups) < MIN_GROUPS:
        return np.zeros(len(terms.names), bool)
    pairs, counts = np.unique(terms.ids * len(groups) + of_text[terms.texts], return_counts=True)
    of_term = pairs // len(groups)
    total = np.bincount(of_term, counts, len(terms.names))
    squares = np.bincount(of_term, counts.astype(float) ** 2, len(terms.names))
    effective = total**2 / np.maximum(squares, 1)
    return (effective < FEW_GROUPS) & (total > 0)


def _frequent(names: Sequence[str], counts: Integers) -> Integers:
    """The most frequent terms; forms of one term with and without a suffix count together."""
    forms = merge_suffixes(names, counts)
    totals = np.bincount(forms, counts, len(names))[forms]
    order = np.lexsort((forms, -totals))
    is_next = np.diff(forms[order], prepend=-1) != 0
    order = order[np.cumsum(is_next) <= MOST_TERMS]
    order = order[counts[order] > 0]
    return order[np.argsort(-counts[order], kind="stable")]


def _topics(
    documents: Documents,
    words: Words,
    terms: Occurrences,
    frequent: Integers,
    counts: Integers,
    least: int,
) -> Topics:
    """Merge the variants of the most frequent terms; keep terms that enough reviews mention."""
    vectors = term_vectors(words, terms, frequent)
    merged = merge_variants([terms.names[one] for one in frequent], counts[frequent], vectors)
    new = np.full(len(terms.names), -1)
    new[frequent] = merged
    ids = new[terms.ids]
    kept = ids >= 0
    pairs = np.unique(ids[kept] * len(documents.main) + documents.reviews[terms.texts[kept]])
    mentions = np.bincount(pairs // len(documents.main), minlength=len(frequent))
    chosen = np.argsort(-mentions, kind="stable")[:MOST_TOPICS]
    chosen = chosen[mentions[chosen] >= least]
    rank = np.full(len(frequent), -1)
    rank[chosen] = np.arange(len(chosen))
    ids = np.where(kept, rank[ids], -1)
    found = terms._replace(names=[], ids=ids).keep(ids >= 0)
    spellings = _spellings(documents.texts, found, len(chosen))
    return Topics(
        found._replace(names=[own[0] for own in spellings]),
        [tuple(own[1:]) for own in spellings],
        vectors[chosen],
    )


def _spellings(texts: Sequence[str], found: Occurrences, count: int) -> list[list[str]]:
    """The spellings of each topic in the texts, most frequent first; rare ones are left out."""
    counted: list[Counter[str]] = [Counter() for _ in range(count)]
    places = zip(
        found.ids.tolist(),
        found.texts.tolist(),
        found.begins.tolist(),
        found.ends.tolist(),
        strict=True,
    )
    for topic, text, begin, end in places:
        counted[topic][texts[text][begin:end]] += 1
    spellings = []
    for own in counted:
        (first, usual), *others = own.most_common()
        enough = [name for name, times in others if times >= max(2, VARIANT_SHARE * usual)]
        spellings.append([first, *enough[:MOST_VARIANTS]])
    return spellings
