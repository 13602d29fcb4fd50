"""Reviews from tables: TSV, CSV, JSONL, Parquet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.skipped import Skipped, explain
from pipeline.errors import SourceError
from pipeline.reviews.review import Review
from pipeline.settings import FileColumns, FileSource
from pipeline.storage.columns import (
    check_single,
    missing_column,
    no_rows,
    shown_columns,
    text_column,
)
from pipeline.storage.rows import Row
from pipeline.storage.tables import open_table

logger = logging.getLogger(__name__)

BATCH_ROWS = 10_000
SKIPPED_BY_VALUES = "skipped by source.values"
USUAL = {FileColumns().label, FileColumns().rating}
"""Columns that may be missing: the reviews then have no labels."""


class Unusable(NamedTuple):
    """Why a row is skipped, and the cell that is the reason, if it is not empty."""

    reason: str
    value: str = ""


def read_reviews(
    path: Path,
    source: str,
    settings: FileSource,
    skipped: Skipped,
    labels: LabelScheme,
    values: FileValues,
) -> Iterator[list[Review]]:
    """Yield batches of reviews.

    Repeated ids get a suffix (``#2``), so that no row replaces another.

    Args:
        path: The file.
        source: Name of the source in the store.
        settings: Names of the columns, and whether fields are joined.
        skipped: Unusable rows are noted there.
        labels: How labels are read.
        values: Reads dates and ratings.

    Raises:
        SourceError: The file cannot be read, lacks a column, or has no usable row.
    """
    ids: Counter[str] = Counter()
    batch: list[Review] = []
    with open_table(path, join_fields=settings.join_fields) as (names, rows):
        text = _check_columns(names, settings, path)
        if not {settings.columns.label, settings.columns.rating} & set(names):
            _warn_of_no_labels(names, path)
        for number, row in enumerate(rows, 1):
            review = _review(row, source, text, settings.columns, labels, values)
            if isinstance(review, Unusable):
                skipped.note(review.reason, values.place(row), review.value)
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
    if not ids and not skipped:
        raise no_rows(path)
    if not ids:
        raise SourceError(f"{path} has no usable row: {explain(skipped, skipped.first)}")
    values.finish()
    yield batch


def check_file(path: Path, settings: FileSource) -> None:
    """Check that a file exists and has the required columns and a row.

    Raises:
        SourceError: The file does not exist, cannot be read, or lacks a column or rows.
    """
    with open_table(path, join_fields=settings.join_fields, quiet=True) as (names, rows):
        _check_columns(names, settings, path)
        if next(rows, None) is None:
            raise no_rows(path)


def _warn_of_no_labels(names: list[str], path: Path) -> None:
    logger.warning(
        "%s: reviews without labels; if a column holds them, name it with source.columns.label or "
        "source.columns.rating: %s",
        path.name,
        shown_columns(names),
    )


def _check_columns(names: list[str], settings: FileSource, path: Path) -> str:
    """Name of the text column.

    Raises:
        SourceError: A column is missing or repeated. Those of the label and the rating may be
            missing only if the settings do not name them.
    """
    columns = settings.columns
    wanted = [name for name in (columns.label, columns.rating) if name]
    if not set(wanted) & set(names) and (path == settings.test_path or not set(wanted) <= USUAL):
        raise missing_column(" or ".join(wanted) or "label or rating", names, path)
    check_single(names, vars(columns).values(), path)
    return text_column(names, columns.text, path, last=settings.join_fields)


def _review(
    row: Row,
    source: str,
    text: str,
    columns: FileColumns,
    labels: LabelScheme,
    values: FileValues,
) -> Review | Unusable:
    """The review of a row, without an id if the row has none; or why there is none."""
    if not row.text(text):
        return Unusable("missing text", str(row.get(text) or "").strip())
    label, rating = row.text(columns.label), row.text(columns.rating)
    if label and not labels.knows(label):
        return Unusable(labels.unknown, label)
    sentiment = labels.sentiment(label) if label else None
    if label and sentiment is None:
        return Unusable(SKIPPED_BY_VALUES, label)
    if values.skips(rating):
        return Unusable(SKIPPED_BY_VALUES, rating)
    stars = values.rating(row)
    if rating and stars is None and sentiment is None:
        return Unusable("rating is not understood", rating)
    day = values.day(row)
    return Review(
        source=source,
        review_id=row.text(columns.id),
        text=row.text(text),
        group=row.text(columns.group),
        date=day.date,
        date_is_vague=day.is_vague,
        rating=stars,
        label=sentiment,
    )
