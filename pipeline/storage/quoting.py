"""Detects whether a tab-separated file puts quotes around its fields.

Many such files have no quoting: a quotation mark is part of the text. Excel, pandas and R quote
fields, which may then contain tabs and line breaks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

TAB = "\t"
MAX_FIELD_CHARACTERS = 10_000_000
MIN_FIELDS_WITH_A_COMMA = 2
"""Minimum number of quoted fields with a comma that is evidence of quoting by Excel."""
_FIELD = re.compile(r'("(?:[^"]|"")*"|[^\t]*)(?:\t|\Z)')


@dataclass(frozen=True)
class Quoting:
    r"""How the fields of a file are quoted.

    Attributes:
        is_quoted: Whether quotes around a field are removed, because they are not part of it.
        backslash: Whether a quote within a field is written as ``\"`` (R), not as ``""``.
        row_names: Whether rows begin with a field that the header lacks (R).
    """

    is_quoted: bool
    backslash: bool = False
    row_names: bool = False


PLAIN = Quoting(is_quoted=False)
QUOTED = Quoting(is_quoted=True)


def read_fields(lines: Iterable[str], delimiter: str, quoting: Quoting) -> Reader:
    """A CSV reader; with quoting, it refuses fields that are quoted only in part."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    if not quoting.is_quoted:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    if quoting.backslash:
        lines = (line.replace('\\"', '""') for line in lines)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def detect_quoting(file: IO[str], begin: int = 0) -> Quoting:
    """Detect the quoting of a tab-separated file from all rows; then seek to its beginning.

    If the header is quoted, so are all rows. Otherwise see :class:`_Evidence`.

    Args:
        file: The open file.
        begin: Position of the first row.
    """
    file.seek(begin)
    try:
        return _detected(file, begin)
    except csv.Error:
        return PLAIN
    finally:
        file.seek(begin)


def _detected(file: IO[str], begin: int) -> Quoting:
    lines: list[str] = []
    rows = read_fields(_recorded(file, lines), TAB, QUOTED)
    header: list[str] = next(rows, [])
    if any(field.startswith('"') for field in _raw_fields(lines)):
        return _quoting_of_strings(file, begin)
    evidence = _Evidence(width=len(header))
    lines.clear()
    for _ in rows:
        evidence.add(lines)
        if evidence.against:
            return PLAIN
        lines.clear()
    return Quoting(is_quoted=evidence.is_quoted)


class _Evidence:
    """Evidence of quoted fields, row by row.

    Fields are quoted if a quoted field has a line break, a tab or a doubled quote, or if all fields
    with a comma have quotes. They are not quoted if an unquoted field contains a quote, if fields
    that need no quotes have them, or if a field would span complete rows.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.against = False
        self.has_line_breaks = False
        self.needed = self.needless = 0
        self.commas = self.bare_commas = 0

    @property
    def is_quoted(self) -> bool:
        """Whether the fields are quoted, after all rows."""
        if self.has_line_breaks:
            return True
        if self.needless or (self.commas and self.bare_commas):
            return False
        return self.needed > 0 or self.commas >= MIN_FIELDS_WITH_A_COMMA

    def add(self, lines: list[str]) -> None:
        """Add the evidence of a row, given as its lines."""
        if len(lines) == 1 and '"' not in lines[0]:
            self.bare_commas += "," in lines[0]
            return
        fields = _raw_fields(lines)
        complete = sum(line.count(TAB) + 1 == self.width for line in lines)
        self.against = len(fields) > self.width or (len(lines) > 1 and complete > 1)
        self.has_line_breaks |= len(lines) > 1
        for field in fields:
            text = field[1:-1]
            if not field.startswith('"'):
                self.against |= '"' in field
                self.bare_commas += "," in field
            elif TAB in text or '"' in text:
                self.needed += 1
            elif "," in text:
                self.commas += 1
            elif text and text == text.strip() and "\n" not in text:
                self.needless += 1


def _quoting_of_strings(file: IO[str], begin: int) -> Quoting:
    """The quoting of a file whose header is quoted."""
    for backslash in (False, True):
        quoting = Quoting(True, backslash)
        file.seek(begin)
        try:
            widths = map(len, filter(None, read_fields(file, TAB, quoting)))
            header, others = next(widths, 0), set(widths)
        except csv.Error:
            continue
        return Quoting(True, backslash, row_names=others == {header + 1})
    return QUOTED


def _raw_fields(lines: list[str]) -> list[str]:
    return _FIELD.findall("".join(lines).rstrip("\r\n") + TAB)[:-1]


def _recorded(lines: Iterable[str], consumed: list[str]) -> Iterator[str]:
    for line in lines:
        consumed.append(line)
        yield line
