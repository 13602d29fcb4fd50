"""Protects cells of a CSV or TSV from changes by a spreadsheet.

Excel runs a cell such as ``=1+1`` as a formula, also if it begins with ``-`` or ``@``, and converts
``007`` and long digit strings to numbers. With an apostrophe in front they stay text.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.storage.formats import DELIMITERS, file_format
from pipeline.storage.formulas import is_formula

_CHANGED = re.compile(r"'*(?:[=+\-@\t\r]|0\d+\Z|\d{16,}\Z|\d+[eE]\d+\Z)", re.ASCII)
"""Cells that a spreadsheet would change, with any number of apostrophes before them."""


def protect(cell: str, path: Path) -> str:
    """The cell as it is written to a table, with an apostrophe if necessary."""
    return f"'{cell}" if _is_changed(cell, path) else cell


def original(cell: str, path: Path) -> str:
    """The cell before :func:`protect`."""
    return cell[1:] if cell.startswith("'") and _is_changed(cell, path) else cell


def _is_changed(cell: str, path: Path) -> bool:
    if file_format(path) not in DELIMITERS:
        return False
    return _CHANGED.match(cell) is not None or is_formula(cell.lstrip("'"))
