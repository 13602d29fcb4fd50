"""The workbook beside the page: the full data of which the page shows a part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.report.complaints import by_review, complaint_counts
from pipeline.report.periods import period_name
from pipeline.report.phrases import Phrases
from pipeline.report.shown_texts import shown_texts
from pipeline.report.source_order import in_source_order
from pipeline.report.topics import spellings
from pipeline.storage import names
from pipeline.storage.files import atomic_write
from pipeline.storage.workbook_sheets import Sheet, write_workbook
from pipeline.storage.workbook_writer import Share, day_cell
from pipeline.topics.records import Interval, TopicReport

MAX_ROWS = 100_000
"""Maximum number of rows of a sheet; ``judged.parquet`` has all rows."""
TEXT_COLUMNS = (
    *("date", "group", "rating", "aspect", "text", "topics", "label", "answer", "positive"),
    *("is_hidden", "is_doubtful", "source", "review_id"),
)


def write_report_workbook(
    output: Path,
    judged: Path,
    report: TopicReport | None,
    shown: Mapping[str, Any],
    trust: Sequence[str],
    say: Phrases,
) -> None:
    """Write ``report.xlsx``.

    Args:
        output: The workbook.
        judged: ``judged.parquet``.
        report: The topics; None if they were not looked for.
        shown: Result of :func:`pipeline.report.findings.findings`.
        trust: Sentences on how reliable the results are.
        say: Texts in the language of the page.
    """
    stored = pq.read_table(judged)
    table = in_source_order(shown_texts(stored, spellings(report.topics if report else ())))
    found = table.filter(table["is_complaint"])
    found = found.take(pc.sort_indices(found, [("date", "descending")]))
    rows = _summary(shown, trust, say)
    if table.num_rows > MAX_ROWS:
        rows.append([say("sheet_cut", rows=MAX_ROWS, file=names.JUDGED), table.num_rows])
    columns = [say(f"column_{name}") for name in TEXT_COLUMNS]
    if not shown["complaints"].is_rated:
        columns[TEXT_COLUMNS.index("is_hidden")] = say("column_is_hidden_by_label")
    sheets = [
        Sheet(say("sheet_summary"), [say("column_what"), say("value")], rows),
        *([_topics(report, say)] if report else []),
        Sheet(say("sheet_complaints"), columns, _texts(found, say)),
        Sheet(
            say("sheet_groups"),
            [say("column_group"), say("reviews"), say("complaints_number"), say("complaint_share")],
            _groups(stored),
        ),
        Sheet(say("sheet_predictions"), columns, _texts(table, say)),
    ]
    with atomic_write(output) as file:
        write_workbook(file, sheets, output)


def _summary(shown: Mapping[str, Any], trust: Sequence[str], say: Phrases) -> list[list[Any]]:
    found = shown["complaints"]
    return [
        [say("number_reviews"), found.reviews],
        [say("complaints_number"), found.total],
        [say("complaint_share"), Share(found.share)],
        [say("number_hidden" if found.is_rated else "number_hidden_by_label"), found.hidden],
        [say("number_doubtful"), found.doubtful],
        *([sentence.text.striptags(), None] for sentence in shown["standouts"]),
        *([sentence, None] for sentence in trust),
    ]


def _topics(report: TopicReport, say: Phrases) -> Sheet:
    """All topics, and the share of complaint of each in every period."""
    bounds = [f"column_{bound}" for bound in ("low", "high")]
    keys = ("topic", "column_aspect", "reviews", "positives", "complaints_number", "neutrals",
            "complaint_share", *bounds, "rating_effect", *bounds, "change", *bounds,
            "column_variants")  # fmt: skip
    periods = [period_name(period.key, say) for period in report.periods]
    return Sheet(
        say("sheet_topics"),
        [*map(say, keys), *(say("share_in", period=name) for name in periods)],
        (
            [
                *(topic.name, topic.aspect, topic.mentions, topic.positive, topic.negative),
                topic.neutral,
                *_bounds(topic.complaint_share, Share),
                *_bounds(topic.rating_effect, float),
                *_bounds(topic.trend.complaint_change if topic.trend else None, Share),
                ", ".join(topic.variants),
                *(Share(cell.negative / cell.mentions) if cell.mentions else None
                  for cell in topic.by_period),
            ]
            for topic in report.topics
        ),
    )  # fmt: skip


def _bounds(interval: Interval | None, kind: type[float]) -> list[float | None]:
    if interval is None:
        return [None, None, None]
    return [kind(interval.value), kind(interval.low), kind(interval.high)]


def _groups(judged: pa.Table) -> Iterator[list[Any]]:
    reviews = by_review(judged)
    for name, part, whole in complaint_counts(reviews, reviews["group"].to_pylist()):
        yield [name, whole, part, Share(part / whole)]


def _texts(table: pa.Table, say: Phrases) -> Iterator[list[Any]]:
    yes = say("yes")

    def rows() -> Iterator[list[Any]]:
        for batch in table.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                row["date"] = day_cell(row["date"])
                row["topics"] = ", ".join(row["topics"])
                for name in ("label", "answer"):
                    row[name] = say.name("class", row[name]) if row[name] else None
                for name in ("is_hidden", "is_doubtful"):
                    row[name] = yes if row[name] else None
                if row["positive"] is not None:
                    row["positive"] = Share(row["positive"])
                yield [row[name] for name in TEXT_COLUMNS]

    return islice(rows(), MAX_ROWS)
