"""The review record and the names of labels and splits."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

NEGATIVE, POSITIVE, NEUTRAL = 0, 1, 2
LABEL_NAMES = ("negative", "positive", "neutral")
SCALES = (5, 10, 100)
"""Highest ratings of the known scales."""
SPLITS = ("train", "validation", "test")
UNLABELED = "unlabeled"
"""Used instead of a split for reviews without a label, which serve for pretraining."""
BETWEEN = "between"
"""Used instead of a split for neutral reviews of a target with two classes; they help a training
set with few labels."""
WITHOUT_LABEL = (UNLABELED, BETWEEN)
_DAY = re.compile(r"\A\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])\Z", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Review:
    """One review, or one aspect of a review.

    Attributes:
        source: Name of the source.
        review_id: Id of the review, unique within the source.
        undated_id: The id that a review without an id of its own had while its date was relative;
            empty if it has none, or is still relative.
        text: Raw text; may be empty.
        group: Id of what is reviewed (an apartment complex, a film), empty if unknown.
        group_name: Display name of the group, empty if unknown.
        aspect: Aspect that text and rating refer to, empty for the whole review.
        date: ISO date (``2026-11-23``), empty if unknown.
        date_is_vague: Whether the date was computed from a relative date ("3주 전").
        rating: Rating on the source's scale, None if the review has none.
        label: ``NEGATIVE``, ``POSITIVE`` or ``NEUTRAL`` if the source is labelled, else None.
        aspect_ratings: Rating by aspect, including aspects without a text.
        author: Pseudonym of the author, empty without ``store.author_key``; never a name.
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
    undated_id: str = ""


def storable(text: str) -> str:
    """The text without NUL, with U+FFFD for lone surrogates: valid in UTF-8 and PostgreSQL."""
    return _SURROGATE.sub("\ufffd", text).replace("\0", "")


def day_of(date: str | None) -> str:
    """The date if it is an ISO date, else empty; earlier versions stored any text."""
    return date if date and _DAY.match(date) else ""
