"""Reviews from tables: TSV, CSV, JSON, JSONL, Parquet, Excel."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import LabelScheme, value_key
from pipeline.crawl.parse.label_words import WORDS
from pipeline.crawl.sites.file_columns import FoundColumns, check_columns, find_columns, open_file
from pipeline.crawl.sites.file_values import FileValues
from pipeline.crawl.sites.row_ids import RowIds, UniqueIds
from pipeline.crawl.sites.sides import sides_of, with_sides
from pipeline.crawl.skipped import Skipped, explain
from pipeline.errors import SourceError
from pipeline.reviews.review import Review
from pipeline.settings import FileColumns, FileSource
from pipeline.settings.texts import join
from pipeline.storage.columns import no_rows, shown_columns
from pipeline.storage.rows import Row

logger = logging.getLogger(__name__)

BATCH_ROWS = 10_000
SKIPPED_BY_VALUES = "skipped by source.values"
UNREAD_RATING = "rating is not understood"
WORD_RATING = "rating is a word"
REPEATED_ROW = "repeated row"


class Unusable(NamedTuple):
    """Why a row is skipped, and the unusable cell, if it is not empty."""

    reason: str
    value: str = ""


def read_reviews(
    path: Path,
    source: str,
    settings: FileSource,
    skipped: Skipped,
    labels: LabelScheme,
    values: FileValues,
    row_ids: RowIds | None = None,
) -> Iterator[list[Review]]:
    """Yield batches of reviews.

    A row that equals an earlier one with the same id is skipped. Other repeated ids get a suffix
    (``#2``), so that no row replaces another.

    Args:
        path: The file.
        source: Name of the source in the store.
        settings: Names of the columns, and whether fields are joined.
        skipped: Counts unusable rows.
        labels: How labels are interpreted.
        values: Reads dates and ratings.
        row_ids: Ids of rows without one; by default their numbers.

    Raises:
        SourceError: The file cannot be read, lacks a column, or has no usable row.
    """
    row_ids = row_ids or RowIds()
    ids = UniqueIds()
    batch: list[Review] = []
    with open_file(path, settings, quiet=False) as (names, rows):
        found = find_columns(names, settings)
        check_columns(found, names, settings, path)
        _log_columns(found, names, path)
        values.columns = found.columns
        for number, row in enumerate(rows, 1):
            sides = sides_of(row.text(found.columns.pros), row.text(found.columns.cons))
            review = _review(row, source, found.columns, labels, values, has_sides=bool(sides))
            if isinstance(review, Unusable):
                skipped.note(review.reason, values.place(row), review.value)
                continue
            parts = with_sides(review, sides)
            own = review.review_id or row_ids.of(parts, number)
            name = ids.of(own, [one.text for one in parts], review)
            if name is None:
                skipped.note(REPEATED_ROW, values.place(row), review.review_id)
                continue
            batch += [replace(one, review_id=name) for one in parts]
            if len(batch) >= BATCH_ROWS:
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
    with open_file(path, settings, quiet=True) as (names, rows):
        check_columns(find_columns(names, settings), names, settings, path)
        if next(rows, None) is None:
            raise no_rows(path)


def _log_columns(found: FoundColumns, names: list[str], path: Path) -> None:
    if found.guessed:
        logger.info("%s: columns found: %s", path.name, found.guessed)
    if not found.has_labels:
        logger.warning(
            "%s: reviews without labels; if a column holds them, name it with source.columns.label "
            "or source.columns.rating: %s",
            path.name,
            shown_columns(names),
        )


def _review(
    row: Row,
    source: str,
    columns: FileColumns,
    labels: LabelScheme,
    values: FileValues,
    *,
    has_sides: bool,
) -> Review | Unusable:
    """The review of a row (without an id if the row has none), or why the row is unusable."""
    text = join([row.text(one) for one in columns.texts])
    if not text and not has_sides:
        return Unusable("missing text", str(row.value(columns.texts[0]) or "").strip())
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
        return Unusable(WORD_RATING if value_key(rating) in WORDS else UNREAD_RATING, rating)
    day = values.day(row)
    return Review(
        source=source,
        review_id=row.text(columns.id),
        text=text,
        group=row.text(columns.group),
        date=day.date,
        date_is_vague=day.is_vague,
        rating=stars,
        label=sentiment,
        aspect_ratings=values.aspect_ratings(row),
    )
