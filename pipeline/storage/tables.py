"""Rows of the files that people bring and take: TSV, CSV, JSONL and Parquet, by suffix."""

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
from pipeline.storage.files import atomic_write

logger = logging.getLogger(__name__)

SUFFIXES = (".tsv", ".txt", ".csv", ".jsonl", ".parquet")
TEXT_COLUMNS = ("document", "text", "review")
CHUNK_BYTES = 1 << 20
MAX_CELL_CHARACTERS = 10_000_000

Row = Mapping[str, Any]


def file_format(path: Path) -> str:
    """The suffix that says how a file is written, without ``.gz``.

    Raises:
        SourceError: It is none of those that can be read.
    """
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SUFFIXES or (suffix == ".parquet" and path.suffix == ".gz"):
        raise SourceError(
            f"{path}: cannot tell its format from the name; "
            f"use one of {', '.join(SUFFIXES)} (all but the last also with .gz)"
        )
    return suffix


@contextlib.contextmanager
def open_table(path: Path) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Open a file for the time of the block; gives its column names and its rows.

    TSV (also ``.txt``) is split at tabs without any quoting, CSV follows RFC 4180. Text is UTF-8
    or CP949, which the log says.

    Raises:
        SourceError: The file is not there or not what its suffix says; also while iterating.
    """
    suffix = file_format(path)
    if not path.is_file():
        raise SourceError(f"no such file: {path}")
    with contextlib.ExitStack() as stack, _explained(path):
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
    """Open a text file for the time of the block; gives its lines, UTF-8 or CP949.

    Raises:
        SourceError: The file is not there, or neither of both; also while iterating.
    """
    if not path.is_file():
        raise SourceError(f"no such file: {path}")
    with contextlib.ExitStack() as stack, _explained(path):
        yield iter(stack.enter_context(_open_text(path)))


@contextlib.contextmanager
def table_writer(
    path: Path, columns: list[str]
) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Yield a function that writes some more rows; the file appears when the block ends well.

    Text is UTF-8. A TSV has no quoting, so tabs and line breaks in its cells become spaces.
    """
    suffix = file_format(path)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(atomic_write(path))
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
    """The column that holds the text: the wanted one, else the first that is customary.

    Raises:
        SourceError: There is none.
    """
    names = [wanted] if wanted else list(TEXT_COLUMNS)
    for name in names:
        if name in columns:
            return name
    raise missing_column(" or ".join(names), columns, path)


def missing_column(wanted: str, columns: list[str], path: Path) -> SourceError:
    """The error for a column that a file lacks."""
    found = ", ".join(columns) or "none"
    return SourceError(f"{path} has no column {wanted}; its columns are: {found}")


def _open_text(path: Path) -> IO[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with cast(IO[bytes], opener(path, "rb")) as file:
        encoding = encoding_of(iter(lambda: file.read(CHUNK_BYTES), b""))
    if encoding is None:
        raise SourceError(f"{path} is neither UTF-8 nor CP949 text: save it as UTF-8")
    if encoding == "cp949":
        logger.info("%s is read as CP949", path.name)
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    return cast(IO[str], opener(path, "rt", encoding=name, newline=""))


@contextlib.contextmanager
def _text_layer(file: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """UTF-8 text over a binary file that stays open."""
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
    """Names of the fields of the first row."""
    with _open_text(path) as lines:
        return list(next(_json_rows(lines, path), {}))


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{path} is not a complete gzip file: {error}") from error
    except csv.Error as error:
        raise SourceError(f"{path} is not a valid table: {error}") from error
    except PermissionError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
