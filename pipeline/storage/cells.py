"""Cells of the user's tables: which values mean a missing value."""

from __future__ import annotations

MISSING = frozenset(
    {
        "",
        *("None", "nan", "NaN", "NaT", "<NA>"),  # Python, NumPy, pandas
        *("NULL", "null", r"\N"),  # SQL, JSON, MySQL, PostgreSQL
        *("#N/A", "N/A", "n/a", "NA"),  # Excel, R
    }
)
"""What programs write for a missing value. Case-sensitive, because ``none`` is a word."""


def cell_text(cell: object) -> str:
    """The text of a cell without surrounding white space, empty if the value is missing."""
    text = "" if cell is None else str(cell).strip()
    return "" if text in MISSING else text
