"""Finds the delimiter of a text table from its first line."""

from __future__ import annotations

import re
from typing import IO, NamedTuple

OTHERS = ("\t", ";", "|", ",")
"""Delimiters that a file may have instead of the usual one for its suffix."""
NAMES = {"\t": "tabs"}
_QUOTED = re.compile('"(?:[^"]|"")*"')
_EXCEL_LINE = re.compile(r'"?sep=(.)"?[\t;|,]*', re.IGNORECASE)


class Beginning(NamedTuple):
    """How a file begins.

    Attributes:
        delimiter: Character that separates the fields.
        position: Position in the file at which the rows begin.
        lines: Number of lines before the rows.
    """

    delimiter: str
    position: int
    lines: int


def find_beginning(file: IO[str], usual: str, width: int) -> Beginning:
    """Find the delimiter of a file, and seek to the beginning of its rows.

    If the file begins with Excel's line ``sep=;``, this line gives the delimiter. Otherwise it is
    the usual one, unless the first line lacks it and has another one.

    Args:
        file: The open file.
        usual: Delimiter of the file's suffix.
        width: Number of fields, 0 if the header of the file shows it.
    """
    line = file.readline()
    named = _EXCEL_LINE.fullmatch(line.rstrip("\r\n"))
    found = Beginning(named[1], file.tell(), 1) if named else None
    if found is None:
        found = Beginning(_most_likely(_QUOTED.sub("", line), usual, width), 0, 0)
    file.seek(found.position)
    return found


def _most_likely(line: str, usual: str, width: int) -> str:
    candidates = [usual, *(one for one in OTHERS if one != usual)]
    if width:
        fitting = (one for one in candidates if line.count(one) + 1 == width)
        return next(fitting, usual)
    if usual in line:
        return usual
    return max(candidates, key=line.count)
