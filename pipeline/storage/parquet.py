"""Read and write Parquet files row by row, for :mod:`pipeline.storage.tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import SourceError


@contextmanager
def open_parquet(path: Path) -> Iterator[tuple[list[str], Iterator[dict[str, Any]]]]:
    """Open a Parquet file; yields its column names and an iterator over its rows.

    Raises:
        SourceError: The file is not valid Parquet. May be raised during iteration.
    """
    try:
        with pq.ParquetFile(path) as file:
            yield (
                file.schema_arrow.names,
                (row for batch in file.iter_batches() for row in batch.to_pylist()),
            )
    except pa.ArrowInvalid as error:
        raise SourceError(f"{path} is not a Parquet file: {error}") from error


@contextmanager
def parquet_writer(
    file: IO[bytes], columns: list[str]
) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Yield a function that appends a batch of rows.

    Column types are inferred from the first batch; a column without values there becomes text.
    """
    writer: pq.ParquetWriter | None = None

    def write(rows: list[dict[str, Any]]) -> None:
        nonlocal writer
        values = {name: [row.get(name) for row in rows] for name in columns}
        if writer is None:
            inferred = pa.table(values).schema
            fields = [
                (f.name, pa.string() if pa.types.is_null(f.type) else f.type) for f in inferred
            ]
            writer = pq.ParquetWriter(file, pa.schema(fields))
        writer.write_table(pa.table(values, schema=writer.schema))

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
