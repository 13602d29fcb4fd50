"""Reads all rows of a table once and counts what its columns hold."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.crawl.sites.file_columns import open_file
from pipeline.errors import SourceError
from pipeline.settings import FileSource
from pipeline.storage.cells import cell_text

FIRST_ROWS = 3
MAX_VALUES = 200
"""Distinct values of a column to count; a column of more holds neither labels nor ratings."""
MAX_CHARACTERS = 100
HANGUL = re.compile("[가-힣]")


@dataclass
class ColumnScan:
    """What a column holds.

    Attributes:
        filled: Number of rows with a value.
        first: The values of the first rows.
        values: Number of rows by value, of at most ``MAX_VALUES``.
        further: Number of rows with any other value.
        characters: Number of characters of all values.
        korean: Number of values with Hangul.
    """

    filled: int = 0
    first: list[str] = field(default_factory=list)
    values: Counter[str] = field(default_factory=Counter)
    further: int = 0
    characters: int = 0
    korean: int = 0

    def add(self, cell: object) -> None:
        """Count a cell."""
        text = cell_text(cell)
        if len(self.first) < FIRST_ROWS:
            self.first.append(text)
        if not text:
            return
        self.filled += 1
        self.characters += len(text)
        self.korean += HANGUL.search(text) is not None
        value = text[:MAX_CHARACTERS]
        if value in self.values or len(self.values) < MAX_VALUES:
            self.values[value] += 1
        else:
            self.further += 1


@dataclass
class Scan:
    """What a table holds.

    Attributes:
        names: Names of its columns.
        rows: Number of rows that could be read.
        columns: What each column holds.
        broken: Why the rows could not be read to their end; empty if they could.
    """

    names: list[str]
    columns: dict[str, ColumnScan]
    rows: int = 0
    broken: str = ""


def scan_table(path: Path, settings: FileSource) -> Scan:
    """Read all rows of a table.

    Raises:
        SourceError: The table cannot be opened.
    """
    with open_file(path, settings, quiet=True) as (names, rows):
        scan = Scan(names, {name: ColumnScan() for name in names})
        try:
            for row in rows:
                scan.rows += 1
                for name, column in scan.columns.items():
                    column.add(row.get(name))
        except SourceError as error:
            scan.broken = str(error)
    return scan
