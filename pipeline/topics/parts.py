"""Divides reviews into periods, groups or sources, and counts the reviews and mentions of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Bools, Integers
from pipeline.topics.mentions import Mentions
from pipeline.topics.records import Cell, Part


@dataclass(frozen=True, kw_only=True)
class Parts:
    """A division of reviews.

    Attributes:
        keys: Key of each part.
        names: Display name of each part.
        of_review: Index of each review's part, -1 for none, shape (reviews,).
    """

    keys: Sequence[str]
    names: Sequence[str]
    of_review: Integers

    @classmethod
    def by_size(cls, keys: Sequence[str], names: Sequence[str], most: int) -> tuple[Parts, int]:
        """The parts with the most reviews, most first, and the number of all parts.

        Args:
            keys: Key of each review's part; empty for none.
            names: Name of each review's part; if empty, the key is used.
            most: Maximum number of parts.
        """
        distinct, first, numbers, counts = np.unique(
            np.array(keys, dtype=object), return_index=True, return_inverse=True, return_counts=True
        )
        counts = np.where([key == "" for key in distinct], 0, counts)
        order = np.argsort(-counts, kind="stable")[: min(most, int(np.count_nonzero(counts)))]
        rank = np.full(len(distinct), -1)
        rank[order] = np.arange(len(order))
        parts = cls(
            keys=[distinct[one] for one in order],
            names=[names[first[one]] or distinct[one] for one in order],
            of_review=rank[numbers],
        )
        return parts, int(np.count_nonzero(counts))

    def describe(self, is_negative: Bools) -> tuple[Part, ...]:
        """Each part with its number of reviews, given which reviews are negative."""
        reviews, negative = (
            np.bincount(chosen[chosen >= 0], minlength=len(self.keys)).tolist()
            for chosen in (self.of_review, self.of_review[is_negative])
        )
        return tuple(
            Part(key=key, name=name, reviews=all_of_it, negative=bad)
            for key, name, all_of_it, bad in zip(
                self.keys, self.names, reviews, negative, strict=True
            )
        )

    def cells(self, mentions: Mentions) -> list[list[Cell]]:
        """The cell of each part, for each topic."""
        size = len(self.keys)
        here = self.of_review[mentions.reviews]
        tables = []
        for chosen in (here >= 0, (here >= 0) & mentions.is_complaint):
            keys = mentions.topics[chosen] * size + here[chosen]
            tables.append(np.bincount(keys, minlength=mentions.count * size))
        every, negative = (one.reshape(mentions.count, size).tolist() for one in tables)
        return [
            [
                Cell(key=key, mentions=total, negative=bad)
                for key, total, bad in zip(self.keys, *of_topic, strict=True)
            ]
            for of_topic in zip(every, negative, strict=True)
        ]
