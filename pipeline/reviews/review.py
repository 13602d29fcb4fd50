"""A review, and the names of labels, splits and aspects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ASPECTS = ("교통", "주변환경", "단지관리", "거주환경")
NEGATIVE, POSITIVE, NEUTRAL = 0, 1, 2
LABEL_NAMES = ("negative", "positive", "neutral")
SPLITS = ("train", "validation", "test")
UNLABELED = "unlabeled"
"""In place of a split: reviews that only words are learnt from."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review, or one aspect of a review, as a source gives it.

    Attributes:
        source: Name of the source, which keeps the reviews of different sites apart.
        review_id: Identity within the source.
        text: The text as found, not yet cleaned; may be empty.
        group: What is reviewed (a complex, a film); empty when the source does not say.
        group_name: The group's name for people to read.
        aspect: The aspect that text and rating are about; empty for the whole.
        date: ISO date (``2026-11-23``), empty when unknown.
        date_is_vague: Whether the site said only how long ago that is ("3주 전").
        rating: The score as given, on the source's own scale.
        label: Negative, positive or neutral, as above, where the source is labelled already.
        aspect_ratings: Score of each aspect, with or without a text of its own.
        author: Pseudonym of the author, empty unless the user asked for it; never a name.
    """

    source: str
    review_id: str
    text: str
    group: str = ""
    group_name: str = ""
    aspect: str = ""
    date: str = ""
    date_is_vague: bool = False
    rating: float | None = None
    label: int | None = None
    aspect_ratings: dict[str, float] = field(default_factory=dict)
    author: str = ""


def sound(text: str) -> str:
    """What UTF-8 and every database can hold: no NUL, U+FFFD for halves of surrogate pairs."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", "")
