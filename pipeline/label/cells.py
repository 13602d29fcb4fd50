"""Cells of a CSV or TSV that a spreadsheet must show and save as they are.

Excel runs a cell such as ``=1+1`` as a formula, also where it begins with ``-`` or ``@``, and
takes ``007`` and long numbers for numbers. An apostrophe in front keeps them text.
"""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.storage.formats import DELIMITERS, file_format
from pipeline.storage.formulas import is_formula

_CHANGED = re.compile(r"'*(?:[=+\-@\t\r]|0\d+\Z|\d{16,}\Z|\d+[eE]\d+\Z)", re.ASCII)
"""What a spreadsheet would change, with any apostrophes before it."""


def protect(cell: str, path: Path) -> str:
    """The cell as it is written to a table."""
    return f"'{cell}" if _is_changed(cell, path) else cell


def original(cell: str, path: Path) -> str:
    """The cell before :func:`protect`."""
    return cell[1:] if cell.startswith("'") and _is_changed(cell, path) else cell


def _is_changed(cell: str, path: Path) -> bool:
    if file_format(path) not in DELIMITERS:
        return False
    return _CHANGED.match(cell) is not None or is_formula(cell.lstrip("'"))
