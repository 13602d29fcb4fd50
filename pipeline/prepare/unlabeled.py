"""Reads unlabelled reviews from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.storage.column_names import is_text_name
from pipeline.storage.columns import log_text_column, text_column
from pipeline.storage.formats import file_suffix
from pipeline.storage.table_files import table_files
from pipeline.storage.tables import open_lines, open_table


def check_unlabeled(path: Path) -> None:
    """Check that a file of texts can be read, by reading its first text.

    Raises:
        SourceError: See :func:`read_unlabeled`.
    """
    next(read_unlabeled(path, quiet=True), None)


def read_unlabeled(path: Path, *, quiet: bool = False) -> Iterator[str]:
    """Yield the texts of a file.

    A ``.txt`` file whose first line names no text column is read as one review per line, any other
    file as a table.

    Args:
        path: A file, folder or pattern, as for :func:`pipeline.storage.tables.open_table`.
        quiet: Do not log how the file is read.

    Raises:
        SourceError: The file is missing, cannot be read, or has no text column.
    """
    with table_files(path) as files:
        for file in files:
            with file.named_in_errors():
                yield from _read_file(file.path, quiet=quiet)


def _read_file(path: Path, *, quiet: bool) -> Iterator[str]:
    if _has_lines(path):
        with open_lines(path, quiet=quiet) as lines:
            yield from lines
        return
    with open_table(path, quiet=quiet) as (names, rows):
        column = text_column(names, "", path)
        if not quiet:
            log_text_column(names, "", path)
        for row in rows:
            yield row.text(column)


def _has_lines(path: Path) -> bool:
    """Whether a file is a ``.txt`` without a header, with one review per line."""
    if file_suffix(path) != ".txt":
        return False
    with open_lines(path, quiet=True) as lines:
        header = re.split(r"[\t,;|]", next(lines, "").rstrip("\r\n"))
    return not any(is_text_name(name.strip('"')) for name in header)
