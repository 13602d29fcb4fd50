"""Read and write the user's tables: TSV, CSV, JSONL and Parquet, chosen by suffix."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from pipeline.errors import SourceError
from pipeline.storage.encoding import encoding_of
from pipeline.storage.files import PUBLIC, atomic_write

logger = logging.getLogger(__name__)

SUFFIXES = (".tsv", ".txt", ".csv", ".jsonl", ".parquet")
TEXT_COLUMNS = ("document", "text", "review")
DETECTION_CHUNK_BYTES = 1 << 20
MAX_CELL_CHARACTERS = 10_000_000

Row = Mapping[str, Any]


def file_format(path: Path) -> str:
    """The suffix that names a file's format, without ``.gz``; one of ``SUFFIXES``.

    Raises:
        SourceError: The suffix is not supported.
    """
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SUFFIXES or (suffix == ".parquet" and path.suffix == ".gz"):
        raise SourceError(
            f"{path}: unknown file format; "
            f"use one of {', '.join(SUFFIXES)} (all except .parquet also with .gz)"
        )
    return suffix


@contextlib.contextmanager
def open_table(path: Path) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Open a table; yields its column names and an iterator over its rows.

    TSV (also ``.txt``) has no quoting; CSV follows RFC 4180. Text is UTF-8 or CP949; CP949 is
    logged.

    Raises:
        SourceError: The file does not exist or does not match its suffix. May be raised during
            iteration.
    """
    suffix = file_format(path)
    if not path.is_file():
        raise SourceError(f"no such file: {path}")
    with contextlib.ExitStack() as stack, _translated_errors(path):
        if suffix == ".parquet":
            from pipeline.storage.parquet import open_parquet

            yield stack.enter_context(open_parquet(path))
            return
        lines = stack.enter_context(_open_text(path))
        if suffix == ".jsonl":
            yield _json_columns(path), _json_rows(lines, path)
        else:
            csv.field_size_limit(MAX_CELL_CHARACTERS)
            reader: csv.DictReader[str] = (
                csv.DictReader(lines, strict=True)
                if suffix == ".csv"
                else csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            )
            yield list(reader.fieldnames or ()), iter(reader)


@contextlib.contextmanager
def open_lines(path: Path) -> Iterator[Iterator[str]]:
    """Open a text file in UTF-8 or CP949; yields an iterator over its lines.

    Raises:
        SourceError: The file does not exist or has another encoding. May be raised during
            iteration.
    """
    if not path.is_file():
        raise SourceError(f"no such file: {path}")
    with contextlib.ExitStack() as stack, _translated_errors(path):
        yield iter(stack.enter_context(_open_text(path)))


@contextlib.contextmanager
def table_writer(
    path: Path, columns: list[str]
) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Yield a function that appends a batch of rows; the file appears if the block succeeds.

    Text is UTF-8. TSV has no quoting, so tabs and line breaks in cells become spaces.

    Args:
        path: File to write; its suffix selects the format.
        columns: Columns in order; other keys of the rows are ignored, except in JSONL, which
            writes every key.

    Raises:
        SourceError: The suffix is not supported.
    """
    suffix = file_format(path)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(atomic_write(path, PUBLIC))
        if suffix == ".parquet":
            from pipeline.storage.parquet import parquet_writer

            yield stack.enter_context(parquet_writer(file, columns))
            return
        binary = (
            stack.enter_context(gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0))
            if path.suffix == ".gz"
            else file
        )
        text = stack.enter_context(_text_layer(cast(IO[bytes], binary)))
        if suffix == ".jsonl":
            yield lambda rows: text.writelines(
                json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows
            )
        elif suffix == ".csv":
            writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            yield writer.writerows
        else:
            text.write("\t".join(columns) + "\n")
            yield lambda rows: text.writelines(
                "\t".join(_cell(row.get(name)) for name in columns) + "\n" for row in rows
            )


def text_column(columns: list[str], wanted: str, path: Path) -> str:
    """Name of the column that holds the text.

    Args:
        columns: Columns of the table.
        wanted: Name to look for; empty for the first of ``TEXT_COLUMNS`` that exists.
        path: File to name in the error.

    Raises:
        SourceError: No such column.
    """
    names = [wanted] if wanted else list(TEXT_COLUMNS)
    for name in names:
        if name in columns:
            return name
    raise missing_column(" or ".join(names), columns, path)


def missing_column(wanted: str, columns: list[str], path: Path) -> SourceError:
    """The error to raise for a missing column."""
    found = ", ".join(columns) or "none"
    return SourceError(f"{path} has no column {wanted}; its columns are: {found}")


def _open_text(path: Path) -> IO[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with cast(IO[bytes], opener(path, "rb")) as file:
        encoding = encoding_of(iter(lambda: file.read(DETECTION_CHUNK_BYTES), b""))
    if encoding is None:
        raise SourceError(f"{path} is neither UTF-8 nor CP949 text: save it as UTF-8")
    if encoding == "cp949":
        logger.info("reading %s as CP949", path.name)
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    return cast(IO[str], opener(path, "rt", encoding=name, newline=""))


@contextlib.contextmanager
def _text_layer(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """A UTF-8 text layer over a binary file, which stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()


def _cell(value: object) -> str:
    return "" if value is None else " ".join(str(value).splitlines()).replace("\t", " ")


def _json_rows(lines: IO[str], path: Path) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise SourceError(f"{path}, line {number}: not JSON: {line[:40]!r}") from error
            if not isinstance(row, dict):
                raise SourceError(f"{path}, line {number}: not a JSON object: {line[:40]!r}")
            yield row


def _json_columns(path: Path) -> list[str]:
    """The keys of the first row."""
    with _open_text(path) as lines:
        return list(next(_json_rows(lines, path), {}))


@contextlib.contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{path} is not a complete gzip file: {error}") from error
    except csv.Error as error:
        raise SourceError(f"{path} is not a valid table: {error}") from error
    except PermissionError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
