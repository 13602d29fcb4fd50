"""Writes the user's tables: TSV, CSV, JSON, JSONL, Parquet and Excel workbooks."""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from pipeline.errors import SourceError
from pipeline.storage.files import PUBLIC, atomic_write
from pipeline.storage.formats import DELIMITERS, file_format, is_compressed
from pipeline.storage.formulas import neutralised

Rows = Callable[[list[dict[str, Any]]], None]
"""Function that appends a batch of rows to a table."""


@contextlib.contextmanager
def table_writer(
    path: Path, columns: list[str], types: Mapping[str, Any] | None = None, *, bom: bool = False
) -> Iterator[Rows]:
    """Yield a function that appends a batch of rows; the file is created if the block succeeds.

    Text is UTF-8. TSV has no quoting, so tabs and line breaks in cells become spaces. In text
    columns, lists and objects become JSON.

    Args:
        path: File to write; its suffix selects the format.
        columns: Columns in order; other keys of the rows are ignored, except in JSON and JSONL,
            which write every key.
        types: Arrow types by column (Parquet); other columns hold text.
        bom: Whether to begin with a byte order mark (CSV, TSV). Such a file is for a spreadsheet,
            so an apostrophe is put before cells that the spreadsheet would run as a formula.

    Raises:
        SourceError: The suffix is not supported, a binary value is not UTF-8, or there are more
            rows than a sheet can have. May be raised by the function.
    """
    suffix = file_format(path)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(atomic_write(path, PUBLIC))
        if suffix == ".parquet":
            yield stack.enter_context(_parquet_rows(file, columns, types or {}))
        elif suffix == ".xlsx":
            yield stack.enter_context(_workbook_rows(file, columns, path))
        else:
            if is_compressed(path):
                packed = gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0)
                file = cast(IO[bytes], stack.enter_context(packed))
            if bom and suffix in DELIMITERS:
                file.write(codecs.BOM_UTF8)
            text = stack.enter_context(_text_layer(file))
            if suffix == ".jsonl":
                yield lambda rows: text.writelines(_json(row) + "\n" for row in rows)
            elif suffix == ".json":
                yield stack.enter_context(_json_list(text))
            else:
                yield _delimited_rows(text, columns, suffix, for_spreadsheets=bom)


def _delimited_rows(
    text: IO[str], columns: list[str], suffix: str, *, for_spreadsheets: bool
) -> Rows:
    def safe(value: object) -> str:
        return neutralised(_as_text(value))

    cell = safe if for_spreadsheets else _as_text
    write = _csv_line(text) if suffix == ".csv" else _tsv_line(text)
    write([cell(name) for name in columns])

    def write_rows(rows: list[dict[str, Any]]) -> None:
        for row in rows:
            write([cell(row.get(name)) for name in columns])

    return write_rows


@contextlib.contextmanager
def _json_list(text: IO[str]) -> Iterator[Rows]:
    begin = "["

    def write_rows(rows: list[dict[str, Any]]) -> None:
        nonlocal begin
        for row in rows:
            text.write(f"{begin}\n{_json(row)}")
            begin = ","

    yield write_rows
    text.write("[]\n" if begin == "[" else "\n]\n")


def _csv_line(text: IO[str]) -> Callable[[list[str]], object]:
    plain = csv.writer(text, lineterminator="\n")
    quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write(cells: list[str]) -> None:
        """Write a row; before Python 3.13 ``csv`` does not quote cells with a carriage return."""
        (quoted if any("\r" in cell for cell in cells) else plain).writerow(cells)

    return write


def _tsv_line(text: IO[str]) -> Callable[[list[str]], object]:
    return lambda cells: text.write("\t".join(map(_one_line, cells)) + "\n")


@contextlib.contextmanager
def _workbook_rows(file: IO[bytes], columns: list[str], path: Path) -> Iterator[Rows]:
    from pipeline.storage.workbook_writer import workbook_writer

    with workbook_writer(file, columns, path) as write:

        def cell(value: object) -> object:
            return _as_text(value) if isinstance(value, list | dict | bytes) else value

        yield lambda rows: write([cell(row.get(name)) for name in columns] for row in rows)


@contextlib.contextmanager
def _parquet_rows(file: IO[bytes], columns: list[str], types: Mapping[str, Any]) -> Iterator[Rows]:
    import pyarrow as pa

    from pipeline.storage.parquet import parquet_writer

    texts = {name for name in columns if types.get(name, pa.string()) == pa.string()}

    def cell(row: dict[str, Any], name: str) -> Any:
        value = row.get(name)
        return value if value is None or name not in texts else _as_text(value)

    with parquet_writer(file, columns, types) as write:
        yield lambda rows: write([[cell(row, name) for name in columns] for row in rows])


@contextlib.contextmanager
def _text_layer(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """A UTF-8 text layer over a binary file, which stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()


def _as_text(value: object) -> str:
    """The value of a cell of a text column; lists and objects become JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return _json(value) if isinstance(value, list | dict | bytes) else str(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_json_string)


def _json_string(value: object) -> str:
    if isinstance(value, bytes):
        raise SourceError(
            "the table holds binary values that are not UTF-8 text: write a .parquet, "
            "or leave their column out"
        )
    return str(value)


def _one_line(text: str) -> str:
    if text.isprintable():
        return text
    return " ".join(text.splitlines()).replace("\t", " ")
