"""Reads a run's tables of reviews and topics, and divides them into two sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.report.comparison.sides import Side, find_sides
from pipeline.report.intervals import Ratio
from pipeline.report.source_order import in_source_order
from pipeline.reviews.review import LABEL_NAMES, NEGATIVE

REVIEW = ["source", "review_id"]
SIDES = ("a", "b")


@dataclass(frozen=True)
class Compared:
    """The reviews of two sides.

    Attributes:
        sides: The two sides.
        reviews: One row for each of their reviews: ``REVIEW``, ``group``, ``date``, ``rating``,
            ``is_complaint`` and ``side`` (one of ``SIDES``).
        mentions: One row for each topic of a review, sorted by topic: the same columns except
            ``is_complaint``, and ``topic``, ``positive`` and ``judgement``.
        texts: Rows of ``judged.parquet`` of these reviews.
    """

    sides: Sequence[Side]
    reviews: pa.Table
    mentions: pa.Table
    texts: pa.Table

    def of(self, side: str) -> pa.Table:
        """The reviews of one side."""
        return self.reviews.filter(pc.equal(self.reviews["side"], side))

    def complaints(self, side: str) -> Ratio:
        """Complaints among the reviews of one side."""
        own = self.of(side)
        return Ratio(pc.sum(own["is_complaint"]).as_py(), own.num_rows)

    def topics(self) -> dict[str, tuple[Ratio | None, Ratio | None]]:
        """Complaints among the mentions of each side, by topic."""
        is_complaint = pc.equal(self.mentions["judgement"], LABEL_NAMES[NEGATIVE])
        columns = zip(
            self.mentions["topic"].to_pylist(),
            self.mentions["side"].to_pylist(),
            is_complaint.to_pylist(),
            strict=True,
        )
        counts = Counter(columns)

        def ratio(topic: str, side: str) -> Ratio | None:
            part, rest = counts[topic, side, True], counts[topic, side, False]
            return Ratio(part, part + rest) if part + rest else None

        names = sorted({topic for topic, *_ in counts})
        return {name: (ratio(name, SIDES[0]), ratio(name, SIDES[1])) for name in names}


def read_sides(judged: Path, mentions: Path, a: str, b: str) -> Compared:
    """Read the two sides that a user named.

    Args:
        judged: ``judged.parquet``.
        mentions: ``mentions.parquet`` of the same run.
        a: Name of the first side.
        b: Name of the second side; empty for the period before the first one.

    Raises:
        InputError: A name is unknown or ambiguous, a side is empty, or both share reviews.
    """
    texts, named = pq.read_table(judged), pq.read_table(mentions)
    reviews = _by_review(texts)
    groups = named.group_by(["group", "group_name"]).aggregate([]).to_pylist()
    ids = [(one["group"], one["group_name"]) for one in groups]
    sides = find_sides(reviews, ids, a, b)
    side = pc.if_else(sides[0].holds(reviews), SIDES[0], None)
    side = pc.if_else(sides[1].holds(reviews), SIDES[1], side)
    reviews = reviews.append_column("side", side)
    reviews = reviews.filter(pc.is_valid(reviews["side"]))
    own = reviews.drop_columns(["is_complaint"])
    found = named.select([*REVIEW, "topic", "positive", "judgement"]).join(
        own, keys=REVIEW, join_type="inner"
    )
    order = [(name, "ascending") for name in ("topic", "side")]
    kept = pc.is_in(texts["review_id"], reviews["review_id"])
    found = in_source_order(found).sort_by(order)
    return Compared(sides, reviews, found, texts.filter(kept))


def _by_review(texts: pa.Table) -> pa.Table:
    """One row for each review in the order of the source.

    The rating is that of the whole review, else of an aspect.
    """
    whole_first = texts.take(pc.sort_indices(texts, [("aspect", "ascending")]))
    names = ("group", "date", "rating")
    found = whole_first.group_by(REVIEW, use_threads=False).aggregate(
        [*((name, "first") for name in names), ("is_complaint", "any")]
    )
    return in_source_order(found.rename_columns([*REVIEW, *names, "is_complaint"]))
