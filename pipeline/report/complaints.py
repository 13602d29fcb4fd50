"""The complaints of a report: their number, and the newest ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.explain.explanation import LONGEST_TEXT
from pipeline.topics.nouns import is_mention

MAX_SHOWN = 300
"""Maximum number of complaints on the page; the workbook has all complaints."""
REVIEW = ["source", "review_id"]
NEWEST_FIRST = [
    *(("date", "descending"), ("positive", "ascending")),
    *(("source", "ascending"), ("review_id", "descending")),
]
FLAGS = ("is_complaint", "is_hidden")


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A text of a complaint, for the whole review or for one aspect.

    Attributes:
        aspect: Empty for the whole review.
        pieces: The text in order, and whether each piece names a topic.
    """

    aspect: str
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A review with at least one text that is a complaint.

    Attributes:
        group: Name of the group; may be empty.
        date: ISO date; may be empty.
        period: Key of the report's period; may be empty.
        rating: The rating; None without one.
        is_hidden: Whether the rating is good or the label positive.
        is_doubtful: Whether the rating or label of one of its passages is probably wrong.
        topics: Topics of its texts, as numbers in the report's order from 1.
        passages: Its texts that are complaints.
    """

    group: str
    date: str
    period: str
    rating: float | None
    is_hidden: bool
    is_doubtful: bool
    topics: list[int]
    passages: list[Passage]


@dataclass(frozen=True, kw_only=True)
class Complaints:
    """Counts of all complaints, and the newest complaints.

    Attributes:
        reviews: Number of all reviews.
        total: Number of complaints.
        hidden: Number of complaints whose rating is good or whose label is positive.
        doubtful: Number of texts, of complaints or not, whose rating or label is probably wrong.
        doubtful_complaints: Number of them that are complaints.
        is_rated: Whether any review has a rating.
        shown: The newest complaints, newest first; within a day, or without a date, clearest first.
    """

    reviews: int
    total: int
    hidden: int
    doubtful: int
    doubtful_complaints: int
    is_rated: bool
    shown: list[Complaint]

    @property
    def share(self) -> float:
        """Share of complaints among the reviews."""
        return self.total / self.reviews if self.reviews else 0.0


def by_review(judged: pa.Table) -> pa.Table:
    """One row for each review of ``judged.parquet``; a flag is set if any of its texts has it.

    A review is hidden if one of its texts is hidden and none has a negative label.
    """
    is_negative = pc.equal(judged["label"], "negative").fill_null(False)
    flags = judged.append_column("is_negative", is_negative)
    names = (*FLAGS, "is_negative")
    whole = [(name, "first") for name in ("group", "date")]
    found = flags.group_by(REVIEW, use_threads=False).aggregate(
        [*whole, *((name, "any") for name in names), ("positive", "min")]
    )
    found = found.rename_columns(
        [re.sub("_(first|any|min)$", "", name) for name in found.column_names]
    )
    hidden = pc.and_(found["is_hidden"], pc.invert(found["is_negative"]))
    return found.set_column(found.column_names.index("is_hidden"), "is_hidden", hidden)


def complaint_counts(reviews: pa.Table, names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Number of complaints and of reviews by name, without the empty name."""
    table = pa.table(
        {"name": pa.array(names, pa.string()), "is": reviews["is_complaint"].cast("int64")}
    )
    counted = table.group_by("name").aggregate([("is", "sum"), ("is", "count")])
    rows = zip(*(counted[name].to_pylist() for name in ("name", "is_sum", "is_count")), strict=True)
    return sorted(row for row in rows if row[0])


def complaints(
    judged: pa.Table,
    reviews: pa.Table,
    topics: Mapping[str, Sequence[str]],
    period_of: Mapping[str, str],
    most: int = MAX_SHOWN,
) -> Complaints:
    """Count the complaints and select the newest.

    Args:
        judged: ``judged.parquet``, or its :func:`~pipeline.report.shown_texts.shown_texts`.
        reviews: Result of :func:`by_review`.
        topics: Spellings of each topic by its name, in the report's order.
        period_of: Key of the period by ISO date.
        most: Maximum number of complaints to select.
    """
    found = reviews.filter(reviews["is_complaint"])
    order = pc.sort_indices(found, NEWEST_FIRST)
    newest = found.take(order[:most]).to_pylist()
    texts = _texts(judged, newest)
    return Complaints(
        reviews=reviews.num_rows,
        total=found.num_rows,
        hidden=pc.sum(found["is_hidden"]).as_py() or 0,
        doubtful=pc.sum(judged["is_doubtful"]).as_py() or 0,
        doubtful_complaints=pc.sum(pc.and_(judged["is_doubtful"], judged["is_complaint"])).as_py()
        or 0,
        is_rated=judged["rating"].null_count < judged.num_rows,
        shown=[_complaint(row, texts[_key(row)], topics, period_of) for row in newest],
    )


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["source"], row["review_id"]


def _texts(
    judged: pa.Table, reviews: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The texts of these reviews that are complaints, by review."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {_key(row): [] for row in reviews}
    ids = pa.array([row["review_id"] for row in reviews], pa.string())
    mask = pc.and_(judged["is_complaint"], pc.is_in(judged["review_id"], ids))
    for row in judged.filter(mask).to_pylist():
        if _key(row) in found:
            found[_key(row)].append(row)
    return found


def _complaint(
    review: Mapping[str, Any],
    texts: Sequence[Mapping[str, Any]],
    topics: Mapping[str, Sequence[str]],
    period_of: Mapping[str, str],
) -> Complaint:
    numbers = {name: number for number, name in enumerate(topics, 1)}
    named = {name for text in texts for name in text["topics"] if name in numbers}
    return Complaint(
        group=review["group"],
        date=review["date"],
        period=period_of.get(review["date"], ""),
        rating=next((text["rating"] for text in texts if text["rating"] is not None), None),
        is_hidden=review["is_hidden"],
        is_doubtful=any(text["is_doubtful"] for text in texts),
        topics=sorted(numbers[name] for name in named),
        passages=[
            Passage(
                aspect=text["aspect"],
                pieces=marked(
                    text["text"], [one for name in text["topics"] for one in topics.get(name, ())]
                ),
            )
            for text in texts
        ],
    )


def marked(text: str, spellings: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut a text at the spellings of its topics, and after ``LONGEST_TEXT`` characters.

    Within a spelling, the text may have fewer or more spaces. What is marked is what counts as a
    mention: a noun of one syllable must make up its word, as 문 in 문이, but not in 때문에.
    """
    text = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    if not spellings:
        return [(text, False)]
    longest_first = sorted(set(spellings), key=lambda one: (-len(one), one))
    pattern = "|".join(r"\s*".join(map(re.escape, one.split())) for one in longest_first if one)
    pieces, end = [], 0
    for found in re.finditer(pattern, text):
        if is_mention(text, *found.span()):
            pieces += [(text[end : found.start()], False), (found.group(), True)]
            end = found.end()
    return [(piece, is_topic) for piece, is_topic in (*pieces, (text[end:], False)) if piece]
