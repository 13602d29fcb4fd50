"""Finds the complaints among new reviews."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.alerts.quoted import Quoted
from pipeline.alerts.quoting import quote
from pipeline.alerts.sent import Sent
from pipeline.alerts.words import MOST_QUOTED
from pipeline.report.phrases import Phrases
from pipeline.report.shown_texts import shown_texts

COLUMNS = ["source", "review_id", "group", "date", "rating", "text"]


@dataclass(frozen=True, kw_only=True)
class Complaint(Quoted):
    """A new complaint, quoted from its beginning.

    Attributes:
        rating: Its rating; None without one.
    """

    rating: float | None


def find_complaints(judged: pa.Table, new: Set[tuple[str, str]], sent: Sent) -> list[Complaint]:
    """The complaints among new reviews, newest first, without those that were sent before.

    Args:
        judged: ``judged.parquet``.
        new: Source and id of the new or edited reviews.
        sent: The alerts that were sent. A complaint whose text was edited is not sent again.
    """
    judged = shown_texts(judged)
    rows = judged.filter(pc.field("is_complaint")).select(COLUMNS).to_pylist()
    found = {
        key: Complaint(
            quote=quote(row["text"]),
            rating=row["rating"],
            group=quote(row["group"] or ""),
            date=row["date"] or "",
            key=key,
        )
        for row in reversed(rows)  # of several texts of a review, the first counts
        if (row["source"], row["review_id"]) in new
        and (key := ("complaint", row["source"], row["review_id"])) not in sent
    }
    return sorted(found.values(), key=lambda one: one.date, reverse=True)


def describe_complaints(found: Sequence[Complaint], say: Phrases) -> str:
    """The message about new complaints: a title, and a line for each of the newest ones."""
    lines = [f"“{one.quote}”{one.origin}" for one in found[:MOST_QUOTED]]
    if left := len(found) - len(lines):
        lines.append(say.plain("alert_more", left=left))
    return "\n".join([say.plain("alert_complaints", count=len(found)), *lines])
