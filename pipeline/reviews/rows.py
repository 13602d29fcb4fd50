"""A review as a row of the review store."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pipeline.reviews.review import Review, day_of, storable

KEY = ("source", "review_id", "aspect")
CONTENT = ("text", "group", "group_name", "date", "rating", "label", "aspect_ratings", "author")
_COMPARED = tuple(name for name in CONTENT if name != "date")
"""A change of these columns creates a new version. Not the date: "3주 전" changes every day."""


def row_of(review: Review) -> dict[str, Any]:
    """The columns of a review, with a digest of the columns whose change creates a new version."""
    ratings = json.dumps(review.aspect_ratings, ensure_ascii=False, sort_keys=True)
    row = {**vars(review), "aspect_ratings": ratings}
    for name, value in row.items():
        if isinstance(value, str):
            row[name] = storable(value)
    del row["date_is_vague"], row["undated_id"]
    content = json.dumps([row[name] for name in _COMPARED], ensure_ascii=False)
    return row | {"digest": hashlib.sha256(content.encode()).hexdigest()[:32]}


def review_of(row: dict[str, Any]) -> Review:
    """The review of a row with the columns ``KEY`` and ``CONTENT``."""
    ratings = json.loads(row["aspect_ratings"])
    return Review(**{**row, "date": day_of(row["date"]), "aspect_ratings": ratings})
