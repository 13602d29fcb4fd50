"""Joins the pieces of words that a tagger always cuts in the same way: 가성 and 비, 리조 and 또.

A noun that (nearly) never occurs without the same neighbour in its word is no noun of its own. The
neighbour must not be a frequent noun: 하수구냄새 is also a mention of 냄새.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence, Set
from typing import NamedTuple

from pipeline.tokenizer.base import Tagged
from pipeline.topics.endings import MOST_CHARACTERS
from pipeline.topics.particles import tail_of
from pipeline.topics.plurals import ADDRESS, HONORIFIC, PLURAL

MIN_SHARE = 0.8
"""Minimum share of a noun's occurrences that have the same neighbour."""
MAX_ELSEWHERE = 2.0
"""A neighbour that is itself a noun must be less than so many times as frequent as the pair."""
MIN_COUNT = 3
ROUNDS = 3
"""A word is joined from at most so many pieces more than one."""
_OTHERS = ("J", "E", "V", "P", "XSV", "XSA", "Adjective")
"""Beginnings of the tags of what is never part of a noun: particles, endings and verbs."""


class Rest(NamedTuple):
    """What a cut word has before and after one of its pieces; one of the two is empty."""

    left: str
    right: str


def join_cut_words(
    tagged: Sequence[list[Tagged]],
    counts: Sequence[int],
    proven: Set[str],
    may_be_cut: Callable[[str, str], bool],
) -> list[list[Tagged]]:
    """Join the tokens of cut words.

    Args:
        tagged: The tokens of each distinct word.
        counts: How often each word occurs.
        proven: Nouns that are never joined.
        may_be_cut: Whether a token with its tag may be a piece of a cut word.

    Returns:
        The tokens of each word; a joined token has the tag of its piece.
    """
    joined = list(tagged)
    changed: Sequence[int] = range(len(joined))
    for _ in range(ROUNDS):
        own = [joined[one] for one in changed]
        rests = _rests(own, [counts[one] for one in changed], proven, may_be_cut)
        again = []
        for one in changed:
            if any(token in rests for token, _ in joined[one]):
                joined[one] = _join(joined[one], rests)
                again.append(one)
        changed = again
    return joined


def _rests(
    tagged: Sequence[list[Tagged]],
    counts: Sequence[int],
    proven: Set[str],
    may_be_cut: Callable[[str, str], bool],
) -> dict[str, list[Rest]]:
    """The rests of the words that each piece of cut words belongs to, most frequent first."""
    total: Counter[str] = Counter()
    beside: defaultdict[str, Counter[Rest]] = defaultdict(Counter)
    for tokens, count in zip(tagged, counts, strict=True):
        text, end = "", 0
        for place, (token, tag) in enumerate(tokens):
            begin, end = end, end + len(token)
            if token not in proven and may_be_cut(token, tag):
                total[token] += count
                if len(tokens) == 1:
                    break
                text = text or "".join(one for one, _ in tokens)
                if place and _is_part(*tokens[place - 1], proven):
                    beside[token][Rest(tokens[place - 1][0], "")] += count
                right = _proven_rest(text, begin, end, proven)
                if right or _is_continued(token, tokens[place + 1 : place + 2], proven):
                    beside[token][Rest("", right or tokens[place + 1][0])] += count
    return {
        token: rests
        for token, found in beside.items()
        if (rests := _usual(token, found, total[token], total))
    }


def _usual(token: str, found: Counter[Rest], total: int, nouns: Counter[str]) -> list[Rest]:
    """The rest that is nearly always there, else several of one syllable: 리조또 and 리조토."""
    if total < MIN_COUNT:
        return []
    short = {rest for rest in found if _is_short(rest)}
    for rest in found.keys() - short:
        bare = Rest("", rest.right[:1])
        if bare in short and tail_of(token + bare.right, rest.right[1:]) is not None:
            found[bare] += found.pop(rest)
    first, most = min(found.items(), key=lambda one: (-one[1], one[0]))
    if most >= MIN_SHARE * total:
        return [first] if nouns[first.left + first.right] < MAX_ELSEWHERE * most else []
    is_always = sum(found[one] for one in short) >= MIN_SHARE * total
    return sorted(short) if is_always else []


def _is_short(rest: Rest) -> bool:
    return len(rest.right) == 1 and rest.right not in (PLURAL, HONORIFIC, ADDRESS)


def _proven_rest(text: str, begin: int, end: int, proven: Set[str]) -> str:
    """What follows a token within a proven noun that begins with it; empty without one."""
    for stop in range(min(len(text), begin + MOST_CHARACTERS), end, -1):
        if text[begin:stop] in proven:
            return text[end:stop]
    return ""


def _is_continued(token: str, following: list[Tagged], proven: Set[str]) -> bool:
    return any(_is_part(*one, proven) and tail_of(token, one[0]) is None for one in following)


def _is_part(token: str, tag: str, proven: Set[str]) -> bool:
    if token in proven or token[0].isdigit() or token[-1].isdigit():
        return False
    return not any(part.startswith(_OTHERS) for part in tag.split("+"))


def _join(tokens: list[Tagged], rests: dict[str, list[Rest]]) -> list[Tagged]:
    """Join each piece with its rest, even if the tagger cut the rest in two."""
    found: list[Tagged] = []
    text = "".join(token for token, _ in tokens)
    done = end = 0
    for token, tag in tokens:
        begin, end = end, end + len(token)
        here = [one for one in rests.get(token, ()) if _is_at(text, begin, end, one)]
        if begin >= done and here:
            begin, done = begin - len(here[0].left), end + len(here[0].right)
            found = [*_before(found, begin), (text[begin:done], tag)]
        elif end > done:
            found.append((text[max(begin, done) : end], tag))
    return found


def _is_at(text: str, begin: int, end: int, rest: Rest) -> bool:
    return text.startswith(rest.right, end) and text.endswith(rest.left, 0, begin)


def _before(tokens: list[Tagged], end: int) -> list[Tagged]:
    """The tokens before a place of the text; the last one may be cut."""
    found, begin = [], 0
    for token, tag in tokens:
        if begin < end:
            found.append((token[: end - begin], tag))
        begin += len(token)
    return found
