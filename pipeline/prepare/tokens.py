"""Reads ``examples.parquet`` and ``tokens.parquet`` row by row together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import WorkspaceError
from pipeline.reviews.review import SPLITS, WITHOUT_LABEL
from pipeline.storage.schemas import ROW_GROUP


def read_tokens(examples: Path, tokens: Path) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield batches of (split, rows) in file order, including the splits ``WITHOUT_LABEL``.

    The rows have the columns ``label`` (float32, null if unlabelled) and ``tokens`` (list of
    string). A batch has at most ``ROW_GROUP`` rows, whatever the row groups of the files.

    Raises:
        WorkspaceError: The files differ in their number of rows.
    """
    # With pre_buffer, Arrow keeps everything it has read until the file is closed.
    with (
        pq.ParquetFile(examples, pre_buffer=False) as left,
        pq.ParquetFile(tokens, pre_buffer=False) as right,
    ):
        if left.metadata.num_rows != right.metadata.num_rows:
            raise WorkspaceError(
                f"{examples} has {left.metadata.num_rows} rows and {tokens} has "
                f"{right.metadata.num_rows}: delete both, then run the same command again"
            )
        pairs = _side_by_side(
            left.iter_batches(ROW_GROUP, columns=["split", "label"]),
            right.iter_batches(ROW_GROUP, columns=["tokens"]),
        )
        for labelled, tokenized in pairs:
            rows = labelled.select(["label"]).append_column("tokens", tokenized["tokens"])
            for split in (*SPLITS, *WITHOUT_LABEL):
                yield split, rows.filter(pc.equal(labelled["split"], split))


def _side_by_side(
    left: Iterator[pa.RecordBatch], right: Iterator[pa.RecordBatch]
) -> Iterator[tuple[pa.RecordBatch, pa.RecordBatch]]:
    """Slice the batches of two streams so that each pair covers the same rows."""
    one, other = next(left, None), next(right, None)
    while one is not None and other is not None:
        rows = min(one.num_rows, other.num_rows)
        yield one.slice(0, rows), other.slice(0, rows)
        one = one.slice(rows) if rows < one.num_rows else next(left, None)
        other = other.slice(rows) if rows < other.num_rows else next(right, None)
