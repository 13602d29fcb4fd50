"""Read and write Parquet files row by row, for :mod:`pipeline.storage.tables`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import SourceError
from pipeline.storage.rows import Row, column_names, not_text


@contextmanager
def open_parquet(path: Path) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Open a Parquet file; yields its column names and an iterator over its rows.

    Binary values that are valid UTF-8 become text.

    Raises:
        SourceError: The file is not valid Parquet. May be raised during iteration.
    """
    with _opened(path) as file:
        names = column_names(file.schema_arrow.names)
        yield names, _rows(file, names, path)


def column_types(path: Path) -> dict[str, pa.DataType]:
    """The types of the columns of a Parquet file."""
    with _opened(path) as file:
        schema = file.schema_arrow
        return dict(zip(column_names(schema.names), schema.types, strict=True))


def check_text_type(path: Path, column: str) -> None:
    """Check that a column may hold texts.

    Raises:
        SourceError: It holds lists, structs or maps.
    """
    kind = column_types(path)[column]
    if pa.types.is_nested(kind):
        raise not_text(str(path), column, str(kind))


@contextmanager
def parquet_writer(
    file: IO[bytes], columns: list[str], types: Mapping[str, pa.DataType]
) -> Iterator[Callable[[list[list[Any]]], None]]:
    """Yield a function that appends a batch of rows, each the values of all columns.

    Args:
        file: The open file.
        columns: Names of the columns.
        types: Types by column; a column without a type holds text.
    """
    schema = pa.schema([(name, types.get(name, pa.string())) for name in columns])
    with pq.ParquetWriter(file, schema) as writer:

        def write(rows: list[list[Any]]) -> None:
            values = [
                pa.array([row[index] for row in rows], type=field.type)
                for index, field in enumerate(schema)
            ]
            writer.write_table(pa.table(values, schema=schema))

        yield write


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except pa.ArrowInvalid as error:
        raise SourceError(f"{path} is not a Parquet file: {error}") from error


def _rows(file: pq.ParquetFile, names: list[str], path: Path) -> Iterator[Row]:
    binary = [
        name for name, kind in zip(names, file.schema_arrow.types, strict=True) if _is_binary(kind)
    ]
    number = 0
    for batch in file.iter_batches():
        for cells in batch.rename_columns(names).to_pylist():
            for name in binary:
                cells[name] = _decoded(cells[name])
            number += 1
            yield Row(cells, path, number, "row")


def _is_binary(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _decoded(value: bytes | None) -> str | bytes | None:
    """Decode a binary value as text; unchanged if it is not UTF-8."""
    if value is not None:
        with suppress(UnicodeDecodeError):
            return value.decode()
    return value
