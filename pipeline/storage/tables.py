"""Reads the user's tables: TSV, CSV, JSON, JSONL, Parquet and Excel workbooks."""

from __future__ import annotations

import contextlib
import gzip
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.storage.delimited import read_delimited
from pipeline.storage.formats import DELIMITERS, file_format
from pipeline.storage.json_table import read_json
from pipeline.storage.jsonl import read_jsonl
from pipeline.storage.kinds import kinds
from pipeline.storage.rows import Row
from pipeline.storage.table_files import TableFile, is_one_file, table_files
from pipeline.storage.text_files import detect_format, open_text

logger = logging.getLogger(__name__)

Table = tuple[list[str], Iterator[Row]]
"""Names of the columns, and the rows."""


@dataclass(frozen=True)
class TableOptions:
    """How a table is read, as far as its files do not show it.

    Attributes:
        join_fields: Whether fields beyond the header belong to the last column (CSV, TSV).
        sheet: Sheet of a workbook; empty for the first.
        header: Names of the columns of files without a header (CSV, TSV, workbooks).
        items: Dotted path of the list in a JSON document; empty to find it.
        quiet: Do not log how the files are read.
    """

    join_fields: bool = False
    sheet: str = ""
    header: Sequence[str] = ()
    items: str = ""
    quiet: bool = False


@contextlib.contextmanager
def open_table(
    path: Path,
    *,
    join_fields: bool = False,
    sheet: str = "",
    header: Sequence[str] = (),
    items: str = "",
    quiet: bool = False,
) -> Iterator[Table]:
    """Open a table; yields its column names and an iterator over its rows.

    A folder, a pattern (``reviews/*.csv``) or a zip archive of tables with the same columns is read
    as one table. CSV follows RFC 4180; in TSV (also ``.txt``), quoting is detected; other
    delimiters than those of the suffix are detected. Text is UTF-8 or CP949, or has a byte order
    mark. A workbook is recognized under any suffix. Names of columns are in NFC.

    Args:
        path: The file, folder or pattern.
        join_fields: See :class:`TableOptions`.
        sheet: See :class:`TableOptions`.
        header: See :class:`TableOptions`.
        items: See :class:`TableOptions`.
        quiet: See :class:`TableOptions`.

    Raises:
        SourceError: The file does not exist, does not match its suffix, or has no such sheet; or
            the files of one table have different columns. May be raised during iteration.
    """
    options = TableOptions(join_fields, sheet, tuple(header), items, quiet)
    with contextlib.ExitStack() as stack:
        if is_one_file(path):
            yield stack.enter_context(_open_file(path, options))
            return
        files = stack.enter_context(table_files(path))
        if sheet and len(files) > 1:
            raise SourceError(f"a sheet can be chosen of a single workbook only, not of {path}")
        yield _joined(files, options)


def _joined(files: Sequence[TableFile], options: TableOptions) -> Table:
    """One table from several files, which have the same columns in any order."""
    first: list[str] = []
    for number, file in enumerate(files):
        with (
            file.named_in_errors(),
            _open_file(file.path, replace(options, quiet=True)) as (names, _),
        ):
            is_json = file_format(file.path) in (".json", ".jsonl")
            if number and not is_json and set(names) != set(first):
                raise _other_columns(files[0], first, file, names)
            first += [name for name in names if name not in first]

    def rows() -> Iterator[Row]:
        for file in files:
            with file.named_in_errors(), _open_file(file.path, options) as (_, found):
                for row in found:
                    row.path, row.name = file.shown, file.name
                    yield row

    return first, rows()


def _other_columns(
    first: TableFile, expected: Sequence[str], file: TableFile, names: Sequence[str]
) -> SourceError:
    lacks = ", ".join(name for name in expected if name not in names)
    has = ", ".join(name for name in names if name not in expected)
    differ = "; ".join(
        f"{verb} {which}" for verb, which in (("lacks", lacks), ("also has", has)) if which
    )
    return SourceError(
        f"{file.shown} has different columns from {first.shown}: {differ}; all files of a table "
        "need the same columns: select files that belong together with a pattern"
    )


@contextlib.contextmanager
def _open_file(path: Path, options: TableOptions) -> Iterator[Table]:
    with contextlib.ExitStack() as stack, _translated_errors(path):
        suffix = _format(path, options)
        if suffix == ".xlsx":
            from pipeline.storage.workbook import open_workbook

            if file_format(path) != suffix and not options.quiet:
                logger.info("reading %s as an Excel workbook (.xlsx)", path.name)
            book = open_workbook(path, options.sheet, header=options.header, quiet=options.quiet)
            yield stack.enter_context(book)
            return
        if suffix == ".parquet":
            from pipeline.storage.parquet import open_parquet

            yield stack.enter_context(open_parquet(path))
            return
        file = stack.enter_context(open_text(path, quiet=options.quiet))
        if suffix == ".json":
            yield read_json(file, path, options.items, quiet=options.quiet)
        elif suffix == ".jsonl":
            yield read_jsonl(file, path, quiet=options.quiet)
        else:
            yield read_delimited(
                file,
                path,
                DELIMITERS[suffix],
                join_fields=options.join_fields,
                header=options.header,
                quiet=options.quiet,
            )


@contextlib.contextmanager
def open_lines(path: Path, *, quiet: bool = False) -> Iterator[Iterator[str]]:
    """Open a text file in UTF-8 or CP949; yields an iterator over its lines.

    Raises:
        SourceError: The file does not exist or has another encoding. May be raised during
            iteration.
    """
    with contextlib.ExitStack() as stack, _translated_errors(path):
        if _format(path, TableOptions()) == ".xlsx":
            raise SourceError(f"{path} is an Excel workbook: give it the suffix .xlsx")
        yield iter(stack.enter_context(open_text(path, quiet=quiet)))


def column_types(path: Path, sheet: str = "") -> dict[str, Any]:
    """Arrow types for a Parquet copy of a table; columns without a type hold text."""
    suffix = detect_format(path) if is_one_file(path) else ""
    if suffix == ".parquet":
        from pipeline.storage import parquet

        return parquet.column_types(path)
    if suffix in DELIMITERS:
        return {}
    import pyarrow as pa

    arrow = {
        **{"bool": pa.bool_(), "int": pa.int64(), "float": pa.float64(), "text": pa.string()},
        **{"date": pa.date32(), "datetime": pa.timestamp("us")},
    }
    with open_table(path, sheet=sheet, quiet=True) as (_, rows):
        return {name: arrow[kind] for name, kind in kinds(rows, path).items()}


def _format(path: Path, options: TableOptions) -> str:
    """The format of a file, checked against the options.

    Raises:
        SourceError: The file does not exist, or an option does not apply to its format.
    """
    if path.suffix or path.exists():
        file_format(path)
    if not path.is_file():
        raise SourceError(f"no such file: {path}")
    suffix = detect_format(path)
    if options.sheet and suffix != ".xlsx":
        raise SourceError(f"a sheet can be chosen of a workbook (.xlsx) only, not of {path}")
    if options.header and suffix not in (*DELIMITERS, ".xlsx"):
        raise SourceError(
            f"source.columns_in_order is for CSV, TSV and workbooks without a header; {path} names "
            "its columns itself"
        )
    if options.items and suffix != ".json":
        raise SourceError(f"source.items is for JSON documents (.json), not for {path}")
    return suffix


@contextlib.contextmanager
def _translated_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{path} is not a complete gzip file: {error}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} holds text that is not UTF-8: {error.reason}") from error
    except PermissionError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}") from error
