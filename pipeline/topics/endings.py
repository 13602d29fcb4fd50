"""How often each ending follows each beginning of a word in a collection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from pipeline.topics.particles import ARGUMENTS, Tail, cuts

MOST_CHARACTERS = 10
"""Maximum number of characters of a noun."""
MIN_OWN_SHARE = 0.3
"""A noun that ends like a particle has endings of its own in at least this share of its words."""
MAX_FACTOR = 8.0
"""A particle follows a noun at most so many times as often as it follows all nouns."""


class Endings:
    """Counts of endings.

    Attributes:
        of: Counts of the endings of each possible noun, without verbs made of it; the empty
            ending stands for the noun alone.
    """

    def __init__(self, types: Sequence[str], counts: Sequence[int]) -> None:
        """Count the endings of all beginnings of the distinct words ``types``."""
        self.of: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._verbs: Counter[str] = Counter()
        self._usual: dict[str, float] = {}
        for word, count in zip(types, counts, strict=True):
            for noun, ending, kind in cuts(word):
                if len(noun) > MOST_CHARACTERS:
                    continue
                if kind is Tail.VERBAL:
                    self._verbs[noun] += count
                else:
                    self.of[noun][ending] = count

    def __repr__(self) -> str:
        return f"Endings({len(self.of)} beginnings)"

    def learn(self, nouns: Iterable[str]) -> None:
        """Learn from nouns how often each ending occurs."""
        counted: Counter[str] = Counter()
        for noun in nouns:
            counted.update(self.of[noun])
        total = max(counted.total(), 1)
        self._usual = {ending: count / total for ending, count in counted.items()}

    def has_own(self, noun: str) -> bool:
        """Whether endings follow a noun that ends like a particle, as in 문의를 and 문의하다."""
        found = self.of.get(noun, {})
        own = self._verbs[noun] + sum(found[one] for one in found.keys() & ARGUMENTS)
        return own > MIN_OWN_SHARE * (own + found.get("", 0))

    def is_inflected(self, noun: str, particle: str) -> bool:
        """Whether a noun and a particle are not rather a noun of their own.

        물이 is not, as it has no endings; 문의 is one, because 의 follows no noun so often.
        """
        found = self.of.get(noun, {})
        most = MAX_FACTOR * self._usual.get(particle, 0) * sum(found.values())
        return found.get(particle, 0) <= most and not self.has_own(noun + particle)
