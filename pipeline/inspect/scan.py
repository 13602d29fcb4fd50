"""Reads all rows of a table once and counts the values of its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.crawl.sites.file_columns import open_file
from pipeline.errors import SourceError
from pipeline.settings import FileSource
from pipeline.storage.cells import cell_text

FIRST_ROWS = 3
MAX_VALUES = 200
"""Maximum number of distinct values to count; a column with more holds no labels or ratings."""
MAX_CHARACTERS = 100
MAX_COLUMNS = 1_000
"""If a table has this many columns, further values within objects are left out."""
MAX_DEPTH = 3
"""Maximum depth of nested objects."""
HANGUL = re.compile("[가-힣]")


@dataclass
class ColumnScan:
    """The values of a column, counted.

    Attributes:
        filled: Number of rows with a value.
        first: The values of the first rows.
        values: Number of rows by value, for at most ``MAX_VALUES`` values.
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
    """The columns of a table, counted.

    Attributes:
        names: Names of its columns.
        rows: Number of rows that could be read.
        columns: The values of each column. A column of objects is replaced by the values within
            them, by path (``user.name``).
        broken: Why the rows could not be read to their end; empty if they could.
    """

    names: list[str]
    columns: dict[str, ColumnScan]
    rows: int = 0
    broken: str = ""

    def add(self, row: Mapping[str, Any]) -> None:
        """Count the values of a row."""
        self.rows += 1
        cells = dict(_leaves("", row))
        for name in dict.fromkeys((*self.columns, *cells)):
            self.column(name).add(cells.get(name))

    def column(self, name: str) -> ColumnScan:
        """The counts of a column; a new column counts as empty in the previous rows."""
        if name not in self.columns:
            if len(self.columns) >= MAX_COLUMNS and name not in self.names:
                return ColumnScan()
            self.columns[name] = ColumnScan(first=[""] * min(FIRST_ROWS, max(self.rows - 1, 0)))
        return self.columns[name]


def scan_table(path: Path, settings: FileSource) -> Scan:
    """Read all rows of a table.

    Raises:
        SourceError: The table cannot be opened.
    """
    with open_file(path, settings, quiet=True) as (names, rows):
        scan = Scan(names, {})
        try:
            for row in rows:
                scan.add(row)
        except SourceError as error:
            scan.broken = str(error)
    heads = {name: name.partition(".")[0] for name in scan.columns if name not in names}
    for name in set(names) - {*heads.values()}:
        scan.column(name)
    order = {name: number for number, name in enumerate(names)}
    scan.columns = {
        name: column
        for name, column in sorted(
            scan.columns.items(), key=lambda item: order[heads.get(item[0], item[0])]
        )
        if name not in heads.values() or column.filled
    }
    return scan


def _leaves(path: str, cells: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The values of a row by path, including values within objects."""
    for name, value in cells.items():
        if isinstance(value, dict) and value and path.count(".") < MAX_DEPTH:
            yield from _leaves(f"{path}{name}.", value)
        else:
            yield f"{path}{name}", value
