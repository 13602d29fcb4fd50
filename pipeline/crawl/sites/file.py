"""Reviews from tables: TSV, CSV, JSONL, Parquet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, Review
from pipeline.settings import FileColumns
from pipeline.storage.columns import check_single
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
    path: Path,
    source: str,
    columns: FileColumns,
    skipped: Counter[str],
    *,
    join_fields: bool = False,
) -> Iterator[list[Review]]:
    """Yield batches of reviews.

    Repeated ids get a suffix (``#2``), so that no row replaces another.

    Args:
        path: The file.
        source: Name of the source in the store.
        columns: Column names.
        skipped: Counter to which unusable rows are added, by reason.
        join_fields: Setting ``source.join_fields``.

    Raises:
        SourceError: The file cannot be read, lacks a column, or has no usable row.
    """
    ids: Counter[str] = Counter()
    batch: list[Review] = []
    with open_table(path, join_fields=join_fields) as (names, rows):
        text = _check_columns(names, columns, path, join_fields=join_fields)
        for number, row in enumerate(rows, 1):
            reason, review = _review(row, number, source, text, columns)
            if review is None:
                skipped[reason] += 1
                continue
            ids[review.review_id] += 1
            if (count := ids[review.review_id]) > 1:
                review = Review(**{**vars(review), "review_id": f"{review.review_id}#{count}"})
            batch.append(review)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
    if not ids:
        found = ", ".join(f"{count} {reason}" for reason, count in skipped.items())
        raise SourceError(f"{path} has no usable row ({found or 'it has only a header'})")
    yield batch


def check_file(path: Path, columns: FileColumns, *, join_fields: bool = False) -> None:
    """Check that a file exists and has the required columns and a row.

    Raises:
        SourceError: The file does not exist, cannot be read, or lacks a column or rows.
    """
    with open_table(path, join_fields=join_fields, quiet=True) as (names, rows):
        _check_columns(names, columns, path, join_fields=join_fields)
        if next(rows, None) is None:
            raise SourceError(f"{path} has a header line, but no rows")


def _check_columns(names: list[str], columns: FileColumns, path: Path, *, join_fields: bool) -> str:
    """Name of the text column; raises SourceError if a required column is missing."""
    if columns.label not in names and columns.rating not in names:
        raise missing_column(f"{columns.label} or {columns.rating}", names, path)
    check_single(names, vars(columns).values(), path)
    return text_column(names, columns.text, path, last=join_fields)


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
    stars = _number(rating)
    if rating and stars is None:
        return "rating is not a number", None
    return "", Review(
        source=source,
        review_id=_cell(row, columns.id) or f"row {number}",
        text=_cell(row, text),
        group=_cell(row, columns.group),
        date=_cell(row, columns.date),
        rating=stars,
        label=LABELS[label.lower()] if label else None,
    )


def _cell(row: Row, column: str) -> str:
    return row.text(column)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
