"""Judges each mention of a topic by the clause around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from pipeline.arrays import Floats
from pipeline.topics.clauses import Span, split_clauses
from pipeline.topics.documents import Documents
from pipeline.topics.terms import Occurrences

Answers = Callable[[Sequence[str]], Floats]
"""Function from texts to the probability that each is positive, 0.5 if undecided."""

WORDS_FOR_HALF = 1.0
"""Number of words at which a clause counts as much as the whole text."""
OPINION_WEIGHT = 1.0
"""Value that the highest rating adds to the logit."""
MOST_LOGIT = 6.0
UNDECIDED = 0.2
"""A mention is neutral if the absolute value of its logit is at most this."""


class Judgements(NamedTuple):
    """The judgement of each occurrence of a topic.

    Attributes:
        logits: Logit of positive of each occurrence, shape (occurrences,).
        clauses: The clause of each occurrence, in its text.
    """

    logits: Floats
    clauses: list[Span]


def judge(documents: Documents, found: Occurrences, answers: Answers) -> Judgements:
    """Judge each occurrence of a topic.

    The logit is a weighted mean of the logits of the clause and of the whole text, because a short
    clause alone says little. The rating counts too, if there is one.

    Args:
        documents: The texts.
        found: Occurrences of topics only.
        answers: The model.
    """
    clauses = _clauses(documents.texts, found)
    texts = [
        documents.texts[text][span.begin : span.end]
        for text, span in zip(found.texts.tolist(), clauses, strict=True)
    ]
    of_text = to_logits(documents.positive[found.texts])
    whole = np.array(
        [
            len(own) == len(documents.texts[text])
            for own, text in zip(texts, found.texts, strict=True)
        ],
        bool,
    )
    distinct = list(
        dict.fromkeys(one for one, is_whole in zip(texts, whole, strict=True) if not is_whole)
    )
    known = (
        dict(zip(distinct, to_logits(answers(distinct)).tolist(), strict=True)) if distinct else {}
    )
    of_clause = np.array([known.get(one, 0.0) for one in texts])
    of_clause = np.where(whole, of_text, of_clause)
    words = np.array([one.count(" ") + 1 for one in texts], float)
    weight = words / (words + WORDS_FOR_HALF)
    opinions = np.nan_to_num(documents.opinions[found.texts])
    logits = weight * of_clause + (1 - weight) * np.nan_to_num(of_text) + OPINION_WEIGHT * opinions
    return Judgements(logits, clauses)


def to_logits(probabilities: Floats) -> Floats:
    """Logits of probabilities, limited to a bounded range."""
    edge = 1 / (1 + np.exp(MOST_LOGIT))
    bounded = np.clip(probabilities, edge, 1 - edge)
    return np.asarray(np.log(bounded / (1 - bounded)))


def to_probabilities(logits: Floats | float) -> Floats:
    """The inverse of :func:`to_logits`."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(logits))))


def _clauses(texts: Sequence[str], found: Occurrences) -> list[Span]:
    """The clause that contains each occurrence's first character; without one, the whole text."""
    clauses: list[Span] = []
    last, spans, begins = -1, [], np.zeros(0, np.int64)
    for text, begin in zip(found.texts.tolist(), found.begins.tolist(), strict=True):
        if text != last:
            last, spans = text, split_clauses(texts[text])
            begins = np.array([span.begin for span in spans], np.int64)
        clauses.append(spans[int(np.searchsorted(begins, begin, side="right")) - 1])
    return clauses
