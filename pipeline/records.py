"""The columns of every table that passes from one stage to the next."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

ASPECTS = ("교통", "주변환경", "단지관리", "거주환경")
NEGATIVE, POSITIVE = 0, 1
LABEL_NAMES = ("negative", "positive")
SPLITS = ("train", "validation", "test")


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
        rating: The score as given, on the source's own scale.
        label: 0 or 1 where the source is labelled already.
        aspect_ratings: Score of each aspect, with or without a text of its own.
    """

    source: str
    review_id: str
    text: str
    group: str = ""
    group_name: str = ""
    aspect: str = ""
    date: str = ""
    rating: float | None = None
    label: int | None = None
    aspect_ratings: dict[str, float] = field(default_factory=dict)


REVIEWS = pa.schema(
    [
        ("source", pa.string()),
        ("review_id", pa.string()),
        ("text", pa.string()),
        ("group", pa.string()),
        ("group_name", pa.string()),
        ("aspect", pa.string()),
        ("date", pa.string()),
        ("rating", pa.float64()),
        ("label", pa.int8()),
        ("aspect_ratings", pa.string()),  # JSON object: aspect -> rating
        ("held_out", pa.bool_()),  # from the user's own test file
    ]
)
"""``reviews.parquet``: the snapshot of the store that a run works on."""

EXAMPLES = pa.schema(
    [
        ("id", pa.string()),
        ("group", pa.string()),
        ("aspect", pa.string()),
        ("text", pa.string()),  # cleaned
        ("label", pa.int8()),
        ("split", pa.string()),
    ]
)
"""``examples.parquet``: the labelled, cleaned reviews and the split each belongs to."""

TOKENS = pa.schema([("tokens", pa.list_(pa.string()))])
"""``tokens.parquet``: the tokens of each example, in the order of ``examples.parquet``."""
