"""How many reviews there are, and how many texts they have."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from typing_extensions import TypedDict

ASPECTS_NAMED = 3


class Counts(TypedDict):
    """Numbers of reviews and texts.

    Attributes:
        total: Number of rows of ``reviews.parquet``: reviews and texts on one aspect.
        reviews: Number of reviews, each with all its texts.
        of_aspects: Number of texts on one aspect.
        aspects: The most frequent aspects, for the reader to see what an aspect is.
        bare: Number of reviews that only have texts on aspects, but a row of their own.
    """

    total: int
    reviews: int
    of_aspects: int
    aspects: str
    bare: int


def count_texts(table: pa.Table) -> Counts:
    """Count the reviews and texts of ``reviews.parquet``.

    Args:
        table: Table with the columns ``source``, ``review_id``, ``aspect`` and ``text``.
    """
    names = ("source", "review_id", "aspect", "text")
    rows = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    whole = [(key, text) for *key, aspect, text in rows if not aspect]
    aspects = Counter(aspect for *_, aspect, _ in rows if aspect)
    with_aspects = {(source, review_id) for source, review_id, aspect, _ in rows if aspect}
    alone = with_aspects - {tuple(key) for key, _ in whole}
    named = [aspect for aspect, _ in aspects.most_common(ASPECTS_NAMED)]
    return {
        "total": len(rows),
        "reviews": len(whole) + len(alone),
        "of_aspects": aspects.total(),
        "aspects": ", ".join(named) + (", …" if len(aspects) > len(named) else ""),
        "bare": sum(tuple(key) in with_aspects and not (text or "").strip() for key, text in whole),
    }
