"""Snapshots of the review store: the fixed input of a run."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import fields
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.reviews.hand_labels import HandLabel, read_labels
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.storage.files import atomic_path
from pipeline.storage.schemas import REVIEWS_SCHEMA

logger = logging.getLogger(__name__)

SNAPSHOT_VERSION = 2
BATCH_ROWS = 10_000


def write_snapshot(
    store: Store,
    sources: Sequence[str],
    held_out: Collection[str],
    path: Path,
    groups: Mapping[str, Set[str]] = MappingProxyType({}),
) -> int:
    """Write reviews as Parquet with the schema ``REVIEWS_SCHEMA``.

    A label given by hand replaces the label of the source, unless the text was edited since. The
    output depends only on the reviews and hand labels, not on the order of crawling.

    Args:
        store: Store to read from.
        sources: Names of the sources to write.
        held_out: Names of the sources whose reviews are marked as held out.
        path: File to write.
        groups: Groups whose reviews are written, by source; all groups for a source that is
            missing here.

    Returns:
        Number of rows.
    """
    rows = by_hand = edited = 0
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, REVIEWS_SCHEMA) as writer:
        for source in sources:
            with store.database.reading() as connection:
                labels = read_labels(connection, source)
            for batch in store.read(source):
                columns: dict[str, list[Any]] = {name: [] for name in REVIEWS_SCHEMA.names}
                wanted = groups.get(source)
                kept = [one for one in batch if wanted is None or one.group in wanted]
                for review in kept:
                    label = labels.get((review.review_id, review.aspect))
                    if label and not label.fits(review.text):
                        edited, label = edited + 1, None
                    by_hand += label is not None
                    row = _row(review, label) | {"held_out": source in held_out}
                    for name, values in columns.items():
                        values.append(row[name])
                writer.write_table(pa.table(columns, schema=REVIEWS_SCHEMA))
                rows += len(kept)
    if by_hand:
        logger.info("%s reviews have a label given by hand", f"{by_hand:,}")
    if edited:
        logger.warning(
            "%s labels given by hand no longer apply, because the texts were edited since: "
            "`review-sentiment label suggest` may list the reviews again",
            f"{edited:,}",
        )
    return rows


def _row(review: Review, label: HandLabel | None) -> dict[str, Any]:
    ratings = json.dumps(review.aspect_ratings, ensure_ascii=False, sort_keys=True)
    row = {**vars(review), "aspect_ratings": ratings}
    return row | ({"label": label.label} if label else {}) | {"by_hand": label is not None}


def read_snapshot(path: Path) -> Iterator[tuple[str, list[Review]]]:
    """Yield batches of reviews, each with its source, from a file of :func:`write_snapshot`."""
    names = {field.name for field in fields(Review)}
    with pq.ParquetFile(path, pre_buffer=False) as file:
        for batch in file.iter_batches(BATCH_ROWS):
            reviews = [
                Review(
                    **{name: value for name, value in row.items() if name in names}
                    | {"aspect_ratings": json.loads(row["aspect_ratings"])}
                )
                for row in batch.to_pylist()
            ]
            for source, group in groupby(reviews, key=attrgetter("source")):
                yield source, list(group)
