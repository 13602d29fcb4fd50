"""Reviews from tables: TSV, CSV, JSONL, Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.crawl.sites.file_values import FileValues
from pipeline.errors import SourceError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, Review
from pipeline.settings import FileColumns
from pipeline.storage.cells import cell_text
from pipeline.storage.tables import Row, missing_column, open_table, text_column

BATCH_ROWS = 10_000
LABELS = {
    "0": NEGATIVE,
    "1": POSITIVE,
    "negative": NEGATIVE,
    "positive": POSITIVE,
    "neutral": NEUTRAL,
    "부정": NEGATIVE,
    "긍정": POSITIVE,
    "중립": NEUTRAL,
}


def read_reviews(
    path: Path, source: str, columns: FileColumns, skipped: Counter[str], values: FileValues
) -> Iterator[list[Review]]:
    """Yield batches of reviews.

    Repeated ids get a suffix (``#2``), so that no row replaces another.

    Args:
        path: The file.
        source: Name of the source in the store.
        columns: Column names.
        skipped: Counter to which unusable rows are added, by reason.
        values: Reads dates and ratings.

    Raises:
        SourceError: The file cannot be read, lacks a column, or has no usable row.
    """
    ids: Counter[str] = Counter()
    batch: list[Review] = []
    with open_table(path) as (names, rows):
        text = _check_columns(names, columns, path)
        for number, row in enumerate(rows, 1):
            reason, review = _review(row, number, source, text, columns)
            if review is not None:
                reason, review = _with_values(review, row, columns, values, _place(rows, number))
            if review is None:
                skipped[reason] += 1
                continue
            ids[review.review_id] += 1
            if (count := ids[review.review_id]) > 1:
                review = replace(review, review_id=f"{review.review_id}#{count}")
            batch.append(review)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
    if not ids:
        found = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
        raise SourceError(f"{path} has no usable row ({found or 'the file is empty'})")
    values.finish()
    yield batch


def check_file(path: Path, columns: FileColumns) -> None:
    """Check that a file exists and has the required columns, without reading all of it.

    Raises:
        SourceError: The file does not exist, cannot be read or lacks a column.
    """
    with open_table(path) as (names, _):
        _check_columns(names, columns, path)


def _check_columns(names: list[str], columns: FileColumns, path: Path) -> str:
    """Name of the text column; raises SourceError if a required column is missing."""
    if columns.label not in names and columns.rating not in names:
        raise missing_column(f"{columns.label} or {columns.rating}", names, path)
    return text_column(names, columns.text, path)


def _review(
    row: Row, number: int, source: str, text: str, columns: FileColumns
) -> tuple[str, Review | None]:
    """The review of a row, or the reason why the row is skipped and None."""
    if not _cell(row, text):
        return "missing text", None
    label, rating = _cell(row, columns.label), _cell(row, columns.rating)
    if not label and not rating:
        return "missing label or rating", None
    if label and label.lower() not in LABELS:
        return "label is not 0, 1, negative, neutral or positive", None
    return "", Review(
        source=source,
        review_id=_cell(row, columns.id) or f"row {number}",
        text=_cell(row, text),
        group=_cell(row, columns.group),
        label=LABELS[label.lower()] if label else None,
    )


def _with_values(
    review: Review, row: Row, columns: FileColumns, values: FileValues, place: str
) -> tuple[str, Review | None]:
    """The review with date and rating; None with a reason if it has neither rating nor label."""
    rating = values.rating(row.get(columns.rating), place)
    if rating is None and review.label is None:
        return "rating is not understood", None
    day = values.day(row.get(columns.date), place)
    return "", replace(review, date=day.date, date_is_vague=day.is_vague, rating=rating)


def _place(rows: Iterator[Row], number: int) -> str:
    """The line of a row in a text file, or else its number."""
    line = getattr(rows, "line_num", None)
    return f"line {line}" if line else f"row {number}"


def _cell(row: Row, column: str) -> str:
    return cell_text(row.get(column))
