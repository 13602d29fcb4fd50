"""The texts that topics are found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.arrays import Bools, Floats, Integers

EVEN = 0.5
"""Probability from which a text is positive."""


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The texts of reviews: one for the whole review, and one for each aspect with a text.

    Attributes:
        texts: Cleaned texts; may be empty.
        sources: Name of each text's source.
        review_ids: Id of each text's review.
        aspects: Aspect; empty for a whole review.
        groups: Id of what is reviewed; may be empty.
        group_names: Its display name; may be empty.
        dates: ISO date; may be empty.
        ratings: On the source's scale, nan without a rating, shape (texts,).
        opinions: The rating or given label from -1 (worst) to 1 (best), nan without either.
        positive: Probability that a text is positive, 0.5 if undecided, nan for a blank text,
            shape (texts,).
    """

    texts: Sequence[str]
    sources: Sequence[str]
    review_ids: Sequence[str]
    aspects: Sequence[str]
    groups: Sequence[str]
    group_names: Sequence[str]
    dates: Sequence[str]
    ratings: Floats
    opinions: Floats
    positive: Floats

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def reviews(self) -> Integers:
        """Number of each text's review, from 0, shape (texts,)."""
        known: dict[tuple[str, str], int] = {}
        keys = zip(self.sources, self.review_ids, strict=True)
        return np.array([known.setdefault(key, len(known)) for key in keys], np.int64)

    @cached_property
    def main(self) -> Integers:
        """Index of each review's main text: that of the whole review, or of its first aspect."""
        order = np.lexsort((np.array([bool(one) for one in self.aspects]), self.reviews))
        _, first = np.unique(self.reviews[order], return_index=True)
        return order[first]

    @cached_property
    def is_negative(self) -> Bools:
        """Whether each review is judged negative as a whole, shape (reviews,).

        A review without a text of its own is judged by the mean of its aspects' texts.
        """
        known, count = ~np.isnan(self.positive), len(self.main)
        total = np.bincount(self.reviews[known], self.positive[known], count)
        texts = np.bincount(self.reviews[known], minlength=count)
        mean = np.where(texts > 0, total / np.maximum(texts, 1), EVEN)
        own = self.positive[self.main]
        return np.asarray(np.where(np.isnan(own), mean, own) < EVEN)
