"""Reads unlabelled reviews from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.storage.cells import cell_text
from pipeline.storage.tables import TEXT_COLUMNS, file_format, open_lines, open_table, text_column


def read_unlabeled(path: Path) -> Iterator[str]:
    """Yield the texts of a file.

    A ``.txt`` without a text column in its first line is read as one review per line, any other
    file as a table.

    Raises:
        SourceError: The file is missing, cannot be read, or has no text column.
    """
    if file_format(path) == ".txt":
        with open_lines(path) as lines:
            first = next(lines, "")
            if not set(TEXT_COLUMNS) & set(first.rstrip("\r\n").split("\t")):
                yield first
                yield from lines
                return
    with open_table(path) as (names, rows):
        column = text_column(names, "", path)
        for row in rows:
            yield cell_text(row.get(column))
