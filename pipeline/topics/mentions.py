"""Mentions: one for each pair of a topic and a review that mentions it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Bools, Floats, Integers
from pipeline.topics.documents import Documents
from pipeline.topics.judge import UNDECIDED, to_probabilities
from pipeline.topics.terms import Occurrences

PRAISE = float(to_probabilities(UNDECIDED))
"""Probability above which a mention is praise."""
COMPLAINT = float(to_probabilities(-UNDECIDED))
"""Probability below which a mention is a complaint; between the two it is neutral."""


@dataclass(frozen=True, kw_only=True)
class Mentions:
    """The mentions of topics in reviews, sorted by topic and review.

    Attributes:
        topics: Number of the topic, shape (mentions,).
        reviews: Number of the review, see :attr:`pipeline.topics.documents.Documents.reviews`.
        positive: Probability that the review judges the topic positively, from the mean logit of
            the topic's occurrences in it.
        count: Number of topics.
    """

    topics: Integers
    reviews: Integers
    positive: Floats
    count: int

    @classmethod
    def of(cls, documents: Documents, found: Occurrences, logits: Floats) -> Mentions:
        """Combine the occurrences of a topic in a review, given the logit of each occurrence."""
        size, count = len(documents.main), len(found.names)
        keys = found.ids * size + documents.reviews[found.texts]
        pairs, which, times = np.unique(keys, return_inverse=True, return_counts=True)
        means = np.bincount(which, logits, len(pairs)) / np.maximum(times, 1)
        return cls(
            topics=pairs // size,
            reviews=pairs % size,
            positive=to_probabilities(means),
            count=count,
        )

    @property
    def is_praise(self) -> Bools:
        """Whether each mention is positive."""
        return np.asarray(self.positive > PRAISE)

    @property
    def is_complaint(self) -> Bools:
        """Whether each mention is negative."""
        return np.asarray(self.positive < COMPLAINT)

    def per_topic(self, chosen: Bools | None = None) -> Integers:
        """Number of reviews that mention each topic, for all or for the chosen mentions."""
        topics = self.topics if chosen is None else self.topics[chosen]
        return np.bincount(topics, minlength=self.count)
