"""Cells that a spreadsheet would run as a formula."""

from __future__ import annotations

import re

_FORMULA = re.compile(r'["\s]*[=+\-@＝＋－＠]|[\t\r]')
"""Beginning of a formula. Excel ignores white space and the quotes of a TSV before it; Korean input
methods write full-width signs."""
_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*([eE][+-]?[0-9]+)?%?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run a cell as a formula; plain numbers are not formulas."""
    return _FORMULA.match(text) is not None and not _NUMBER.fullmatch(text)


def neutralised(text: str) -> str:
    """The text, with an apostrophe before it if a spreadsheet may run it as a formula."""
    return "'" + text if is_formula(text) else text
