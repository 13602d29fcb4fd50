"""Reviews from tables: TSV, CSV, JSONL, Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped, explain, place
from pipeline.errors import SourceError
from pipeline.reviews.review import Review
from pipeline.settings import FileColumns
from pipeline.storage.cells import cell_text
from pipeline.storage.tables import Row, missing_column, open_table, text_column

BATCH_ROWS = 10_000
SKIPPED_BY_VALUES = "skipped by source.values"


class Unusable(NamedTuple):
    """Why a row is skipped, and the cell that is the reason, if it is not empty."""

    reason: str
    value: str = ""


def read_reviews(
    path: Path,
    source: str,
    columns: FileColumns,
    skipped: Skipped,
    labels: LabelScheme,
    values: FileValues,
) -> Iterator[list[Review]]:
    """Yield batches of reviews.

    Repeated ids get a suffix (``#2``), so that no row replaces another.

    Args:
        path: The file.
        source: Name of the source in the store.
        columns: Column names.
        skipped: Unusable rows are noted there.
        labels: How labels are read.
        values: Reads dates and ratings.

    Raises:
        SourceError: The file cannot be read, lacks a column, or has no usable row.
    """
    ids: Counter[str] = Counter()
    batch: list[Review] = []
    with open_table(path) as (names, rows):
        text = _check_columns(names, columns, path)
        for number, row in enumerate(rows, 1):
            where = place(path, number)
            review = _review(row, where, source, text, columns, labels, values)
            if isinstance(review, Unusable):
                skipped.note(review.reason, where, review.value)
                continue
            if not review.review_id:
                review = replace(review, review_id=f"row {number}")
            ids[review.review_id] += 1
            if (count := ids[review.review_id]) > 1:
                review = replace(review, review_id=f"{review.review_id}#{count}")
            batch.append(review)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
    if not ids:
        found = explain(skipped, skipped.first)
        found = f": {found}" if found else " (the file is empty)"
        raise SourceError(f"{path} has no usable row{found}")
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
    wanted = [name for name in (columns.label, columns.rating) if name]
    if not set(wanted) & set(names):
        raise missing_column(" or ".join(wanted) or "label or rating", names, path)
    return text_column(names, columns.text, path)


def _review(
    row: Row,
    where: str,
    source: str,
    text: str,
    columns: FileColumns,
    labels: LabelScheme,
    values: FileValues,
) -> Review | Unusable:
    """The review of a row, without an id if the row has none; or why there is none."""
    if not _cell(row, text):
        return Unusable("missing text", str(row.get(text) or "").strip())
    label, rating = _cell(row, columns.label), _cell(row, columns.rating)
    if not label and not rating:
        return Unusable("missing label or rating")
    if label and not labels.knows(label):
        return Unusable(labels.unknown, label)
    sentiment = labels.sentiment(label) if label else None
    if label and sentiment is None:
        return Unusable(SKIPPED_BY_VALUES, label)
    if values.skips(rating):
        return Unusable(SKIPPED_BY_VALUES, rating)
    stars = values.rating(row.get(columns.rating), where)
    if stars is None and sentiment is None:
        return Unusable("rating is not understood", rating)
    day = values.day(row.get(columns.date), where)
    return Review(
        source=source,
        review_id=_cell(row, columns.id),
        text=_cell(row, text),
        group=_cell(row, columns.group),
        date=day.date,
        date_is_vague=day.is_vague,
        rating=stars,
        label=sentiment,
    )


def _cell(row: Row, column: str) -> str:
    return cell_text(row.get(column)) if column else ""
