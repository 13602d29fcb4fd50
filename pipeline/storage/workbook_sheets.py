"""Writes Excel workbooks of several sheets for people to read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any
from unicodedata import east_asian_width

from pipeline.storage.workbook_writer import open_sheet, write_parts

ROWS_MEASURED = 200
"""Number of rows from which the column widths are computed."""
MAX_WIDTH, MARGIN = 80, 3


@dataclass(frozen=True)
class Sheet:
    """A formatted sheet: bold header that stays in view, filters, columns as wide as their text.

    Attributes:
        name: At most 31 characters.
        columns: The header.
        rows: Values of all columns, row by row.
    """

    name: str
    columns: Sequence[str]
    rows: Iterable[list[Any]]


def write_workbook(file: IO[bytes], sheets: Sequence[Sheet], path: Path) -> None:
    """Write a workbook of several sheets.

    Values become cells as in :func:`~pipeline.storage.workbook_writer.workbook_writer`.

    Args:
        file: The open file.
        sheets: The sheets in their order.
        path: Path of the workbook, for messages.

    Raises:
        SourceError: There are more rows or columns than a sheet can have.
    """
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        write_parts(archive, [sheet.name for sheet in sheets], path) as cut,
    ):
        for number, sheet in enumerate(sheets, 1):
            rows = iter(sheet.rows)
            first = list(islice(rows, ROWS_MEASURED))
            widths = [
                min(MAX_WIDTH, max(map(text_width, column)) + MARGIN)
                for column in zip(sheet.columns, *first, strict=True)
            ]
            with open_sheet(archive, number, list(sheet.columns), path, cut, widths) as write:
                write(chain(first, rows))


def text_width(value: object) -> int:
    """Width of a cell's text in digits; Hangul and other wide characters count as two."""
    if isinstance(value, float):
        return len(f"{value:.1f}")
    lines = str("" if value is None else value).splitlines() or [""]
    return max(sum(1 + (east_asian_width(one) in "WF") for one in line) for line in lines)
