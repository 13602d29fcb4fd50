"""Rows of the user's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.settings.paths import nfc
from pipeline.storage.cells import cell_text


class Row(dict[str, Any]):
    """The cells of a row by column; a cell that the row lacks is None or missing.

    Attributes:
        path: The file.
        line: Number of the line in which the row begins, from 1; in Parquet and workbooks the
            number of the row, in JSON of the item.
        unit: What ``line`` counts: ``line``, ``row`` or ``item``.
        name: Name of the file if the table has several, else empty.
    """

    __slots__ = ("line", "name", "path", "unit")

    def __init__(
        self,
        cells: Mapping[str, Any] | Iterable[tuple[str, Any]],
        path: Path,
        line: int,
        unit: str = "line",
    ):
        super().__init__(cells)
        self.path = path
        self.line = line
        self.unit = unit
        self.name = ""

    @property
    def place(self) -> str:
        """Where the row is, for messages: ``line 3``, or ``line 3 of july.csv``."""
        return f"{self.unit} {self.line}" + (f" of {excerpt(self.name)}" if self.name else "")

    def value(self, column: str) -> Any:
        """The value of a cell; for a path such as ``user.name``, the value within an object.

        None if there is no such value.
        """
        if column in self or "." not in column:
            return self.get(column)
        value: Any = self
        for key in column.split("."):
            if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                value = value.get(key) if isinstance(value, dict) else None
        return value

    def text(self, column: str) -> str:
        """The text of a cell without surrounding white space; empty if the value is missing.

        Args:
            column: Column of the cell; empty for no column, which gives an empty text.

        Raises:
            SourceError: The value is binary, a list or an object.
        """
        value = self.value(column) if column else None
        if isinstance(value, bytes | list | dict):
            kinds = {bytes: "binary that is not UTF-8", list: "a list", dict: "an object"}
            where = f"{self.path}, {self.unit} {self.line}"
            raise not_text(where, column, kinds[type(value)])
        return cell_text(value)


class Noted:
    """Number of rows of some kind, and the line of the first one, for the log."""

    def __init__(self) -> None:
        self.rows = self.first = 0

    def add(self, line: int) -> None:
        """Count a row."""
        self.rows += 1
        self.first = self.first or line

    def __str__(self) -> str:
        return f"{self.rows:,} (first in line {self.first})"


def not_text(where: str, column: str, kind: str) -> SourceError:
    """The error to raise for a column whose values are not texts."""
    return SourceError(
        f"{where}: column {column} holds {kind}, not a text: name another column in "
        "source.columns (predict --column)"
    )


def column_names(header: Iterable[str]) -> list[str]:
    """Column names in NFC; repeated names get a suffix (``memo#2``) to keep all cells."""
    names: dict[str, None] = {}
    for name in map(nfc, header):
        unique, count = name, 1
        while unique in names:
            count += 1
            unique = f"{name}#{count}"
        names[unique] = None
    return list(names)
