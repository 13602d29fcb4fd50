"""Finds new reviews that contain one of the watched words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.alerts.quoted import Quoted
from pipeline.alerts.quoting import normal, quote
from pipeline.alerts.sent import Sent
from pipeline.report.phrases import Phrases
from pipeline.reviews.review import Review

MOST_QUOTED = 5
"""Maximum number of quotes in a message, the newest ones."""


@dataclass(frozen=True, kw_only=True)
class Match(Quoted):
    """A watched word in a review.

    Attributes:
        word: The word as listed.
    """

    word: str


def find_words(reviews: Iterable[Review], words: Sequence[str], sent: Sent) -> list[Match]:
    """The listed words in texts, newest review first, without matches that were sent before.

    A word is found anywhere in a text, even within a longer word, but a space in the text must also
    be in the word. Unicode is normalized; case does not matter. A review with several texts counts
    once for each word.
    """
    patterns = {
        word: re.compile(re.escape(plain), re.IGNORECASE)
        for word in dict.fromkeys(words)
        if (plain := normal(word))
    }
    found = {match.key: match for review in reviews for match in _matches(review, patterns)}
    new = [match for match in found.values() if match.key not in sent]
    return sorted(new, key=lambda match: match.date, reverse=True)


def _matches(review: Review, patterns: dict[str, re.Pattern[str]]) -> Iterator[Match]:
    text = normal(review.text)
    for word, pattern in patterns.items():
        if place := pattern.search(text):
            yield Match(
                word=word,
                quote=quote(text, *place.span()),
                group=quote(review.group_name or review.group),
                date=review.date,
                key=("word", review.source, review.review_id, normal(word).casefold()),
            )


def describe_words(matches: Sequence[Match], say: Phrases) -> str:
    """The message about new matches: a title, and a line for each of the newest matches."""
    words = ", ".join(dict.fromkeys(quote(match.word) for match in matches))
    title = say.plain("alert_words", count=len({match.key[1:3] for match in matches}), words=words)
    lines = [
        f"{quote(match.word)}: “{match.quote}”{match.origin}" for match in matches[:MOST_QUOTED]
    ]
    if left := len(matches) - len(lines):
        lines.append(say.plain("alert_more", left=left))
    return "\n".join([title, *lines])
