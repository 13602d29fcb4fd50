"""Reads CSV and TSV row by row."""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pipeline.errors import SourceError
from pipeline.storage.delimiters import NAMES, find_beginning
from pipeline.storage.header import Header, Record, take_header
from pipeline.storage.quoting import QUOTED, TAB, detect_quoting, read_fields
from pipeline.storage.rows import Noted, Row, column_names

if TYPE_CHECKING:
    from _csv import Reader

logger = logging.getLogger(__name__)


def read_delimited(
    file: IO[str],
    path: Path,
    delimiter: str,
    *,
    join_fields: bool,
    header: Sequence[str],
    quiet: bool,
) -> tuple[list[str], Iterator[Row]]:
    """Read a table.

    A delimiter that does not match the suffix is detected from the first line. Fields may be
    quoted; in tab-separated files, quoting is detected. A row with fewer fields than the header has
    no value in the last columns; the log gives the number of such rows.

    Args:
        file: The open file; it must be seekable.
        path: Its path.
        delimiter: The usual delimiter for its suffix.
        join_fields: Whether further fields belong to the last column, whose unquoted text contains
            the delimiter.
        header: Names of the columns of a file without a header line; else the header is found, see
            :func:`pipeline.storage.header.take_header`.
        quiet: Do not log how the file is read.

    Returns:
        The names of the columns, and the rows.

    Raises:
        SourceError: The quotes of a field are broken, or a row has more fields than the header.
            May be raised during iteration.
    """
    begin = find_beginning(file, delimiter, len(header))
    quoting = QUOTED
    if begin.delimiter == TAB:
        quoting = detect_quoting(file, begin.position)
        if quoting.is_quoted and not quiet:
            logger.info("reading %s with quoted fields", path.name)
    if begin.delimiter != delimiter and not quiet:
        shown = NAMES.get(begin.delimiter, begin.delimiter)
        logger.info("reading %s with %s between its fields", path.name, shown)
    records = _records(read_fields(file, begin.delimiter, quoting), path, begin.lines)
    found = Header(header, 0, 0, records) if header else take_header(records)
    if found.titles and not quiet:
        logger.info("%s: the names of the columns are in line %d", path.name, found.row)
    names = column_names(["", *found.cells] if quoting.row_names else found.cells)
    return names, _rows(found.rest, names, path, begin.delimiter if join_fields else None, quiet)


def _records(reader: Reader, path: Path, before: int) -> Iterator[Record]:
    """Yield the fields of each row that is not blank, and the line in which it begins."""
    end = before
    try:
        for fields in reader:
            begin, end = end + 1, reader.line_num + before
            if fields:
                yield begin, fields
    except csv.Error as error:
        problem, line = str(error), reader.line_num + before
        begin = end + 1
        if problem == "unexpected end of data":
            raise SourceError(
                f"{path}, line {begin}: {problem}: the quote of a field in this row is never closed"
            ) from error
        also = f" (the row begins in line {begin})" if begin < line else ""
        raise SourceError(f"{path}, line {line}: {problem}{also}") from error


def _rows(
    records: Iterator[Record],
    names: list[str],
    path: Path,
    joined_by: str | None,
    quiet: bool,
) -> Iterator[Row]:
    short = Noted()
    for line, fields in records:
        if len(fields) > len(names) and any(fields[len(names) :]):
            if joined_by is None:
                raise _too_many(path, line, len(fields), len(names))
            last = len(names) - 1
            fields = [*fields[:last], joined_by.join(fields[last:])]
        elif len(fields) < len(names):
            short.add(line)
            fields = [*fields, *(None,) * (len(names) - len(fields))]
        yield Row(zip(names, fields, strict=False), path, line)
    if short.rows and not quiet:
        logger.warning(
            "%s: rows with fewer fields than the header, missing fields are empty: %s",
            *(path.name, short),
        )


def _too_many(path: Path, line: int, fields: int, columns: int) -> SourceError:
    or_delete = "" if columns > 1 else ", or delete lines of titles above the header"
    return SourceError(
        f"{path}, line {line}: {fields} fields, but the header has {columns}: put quotes around "
        f"texts that hold the delimiter{or_delete}; if the text is the last column, "
        "source.join_fields=true (predict --join-fields) joins its parts"
    )
