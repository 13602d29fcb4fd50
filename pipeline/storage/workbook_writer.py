"""Writes Excel workbooks (.xlsx) row by row.

The rows of a sheet are written to the archive one by one. openpyxl would collect them in the
temporary folder, which may be in memory, and store the time, so that no two files would be equal.
"""

from __future__ import annotations

import datetime
import functools
import logging
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

from pipeline.errors import SourceError
from pipeline.storage.formulas import is_formula
from pipeline.storage.workbook import MAX_COLUMNS, MAX_ROWS
from pipeline.storage.workbook_parts import DECLARATION, MAIN, SHEET, layout, parts

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 32_767
"""Maximum number of characters of a cell in Excel."""
MAX_EXACT_INTEGER = 10**15
"""Excel keeps 15 digits of a number; longer integers are written as text."""
FIRST_YEAR = 1900
PLAIN, TEXT, DATE, DATETIME, TIME, DURATION, PERCENT, HEADER = range(8)
"""Styles, in the order of ``cellXfs``; ``TEXT`` stays text when someone edits the cell."""
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Share(float):
    """A number that Excel shows as a percentage."""


@functools.lru_cache(maxsize=4096)
def day_cell(day: str) -> datetime.date | str:
    """The value of a cell with an ISO date; the text itself if there is no such day."""
    try:
        return datetime.date.fromisoformat(day)
    except ValueError:  # empty, or such as 2026-02-30
        return day


@contextmanager
def workbook_writer(
    file: IO[bytes], columns: list[str], path: Path
) -> Iterator[Callable[[Iterable[list[Any]]], None]]:
    """Yield a function that appends rows, each with the values of all columns, to a workbook.

    Numbers, dates and booleans become cells of their type. Anything else becomes text, which is
    never run as a formula.

    Args:
        file: The open file.
        columns: The header.
        path: Path of the workbook, for messages.

    Raises:
        SourceError: There are more rows or columns than a sheet can have. May be raised by the
            function.
    """
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        write_parts(archive, ["predictions"], path) as cut,
        open_sheet(archive, 1, columns, path, cut) as write,
    ):
        yield write


@contextmanager
def write_parts(archive: zipfile.ZipFile, sheets: Sequence[str], path: Path) -> Iterator[list[int]]:
    """Write all parts except the sheets; yields a list to collect the number of cut texts."""
    for name, content in parts(sheets).items():
        archive.writestr(_info(name), DECLARATION + content)
    cut: list[int] = []
    yield cut
    if sum(cut):
        logger.warning(
            "%s: texts of more than %s characters, which Excel cuts off: %s",
            *(path.name, f"{MAX_CHARACTERS:,}", f"{sum(cut):,}"),
        )


@contextmanager
def open_sheet(
    archive: zipfile.ZipFile,
    number: int,
    columns: list[str],
    path: Path,
    cut: list[int],
    widths: Sequence[float] | None = None,
) -> Iterator[Callable[[Iterable[list[Any]]], None]]:
    """Yield a function that appends rows to a sheet; ``widths`` selects a formatted sheet."""
    if len(columns) > MAX_COLUMNS:
        raise _too_large(path, MAX_COLUMNS, "columns")
    with archive.open(_info(SHEET.format(number)), "w", force_zip64=True) as sheet:
        begin = f'{DECLARATION}<worksheet xmlns="{MAIN}">{layout(widths or [])}<sheetData>'
        sheet.write(begin.encode())
        numbers, cells, written = count(1), _Cells(len(columns)), 0

        def write(rows: Iterable[list[Any]], style: int | None = None) -> None:
            nonlocal written
            for row in rows:
                if (written := next(numbers)) > MAX_ROWS:
                    raise _too_large(path, MAX_ROWS, "rows")
                sheet.write(cells.row(written, row, style).encode())

        write([list(columns)], HEADER if widths else None)
        yield write
        end = "</sheetData>"
        if widths:
            end += f'<autoFilter ref="A1:{column_letters(len(columns))}{written}"/>'
        sheet.write(f"{end}</worksheet>".encode())
        cut.append(cells.cut)


def _too_large(path: Path, most: int, what: str) -> SourceError:
    return SourceError(
        f"{path}: a sheet has at most {most:,} {what}: write .csv, .tsv, .jsonl or .parquet"
    )


class _Cells:
    """Creates the XML of the cells of a row, and counts the texts that it cuts."""

    def __init__(self, width: int) -> None:
        self.letters = [column_letters(column) for column in range(1, width + 1)]
        self.cut = 0

    def row(self, number: int, values: list[Any], style: int | None = None) -> str:
        cells = [
            self._cell(f"{letters}{number}", value)
            if style is None
            else self._text(f"{letters}{number}", str(value), style)
            for letters, value in zip(self.letters, values, strict=True)
            if value is not None and value != ""
        ]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _cell(self, place: str, value: Any) -> str:
        if isinstance(value, str):
            return self._text(place, value)
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, Share) and math.isfinite(value):
            return f'<c r="{place}" s="{PERCENT}"><v>{float(value)}</v></c>'
        if _is_number(value):
            return f'<c r="{place}"><v>{value}</v></c>'
        if dated := _dated(value):
            return f'<c r="{place}" s="{dated[0]}"><v>{dated[1]}</v></c>'
        return self._text(place, str(value))

    def _text(self, place: str, text: str, style: int = PLAIN) -> str:
        style = TEXT if is_formula(text) else style
        kept = _cut(text)
        self.cut += kept is not text
        text = escape(_UNFIT.sub(lambda match: f"_x{ord(match[0]):04X}_", kept))
        return (
            f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
            "</c>"
        )


def column_letters(number: int) -> str:
    """Excel's name of a column, counted from 1: ``A``, ``Z``, ``AA``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_number(value: Any) -> bool:
    """Whether a value is a number that Excel can store unchanged."""
    if isinstance(value, int):
        return abs(value) < MAX_EXACT_INTEGER
    return isinstance(value, float | Decimal) and math.isfinite(value)


def _cut(text: str) -> str:
    """A text cut to the length that Excel allows, which counts UTF-16 code units."""
    if 2 * len(text) <= MAX_CHARACTERS:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_CHARACTERS:
        return text
    return units[: 2 * MAX_CHARACTERS].decode("utf-16-le", "ignore")


def _dated(value: Any) -> tuple[int, float] | None:
    """Style and serial number of a date or time; None if Excel cannot represent it."""
    if isinstance(value, datetime.datetime):
        known = value.year >= FIRST_YEAR and value.tzinfo is None
        return (DATETIME, _serial(value)) if known else None
    if isinstance(value, datetime.date):
        return (DATE, _day_serial(value)) if value.year >= FIRST_YEAR else None
    if isinstance(value, datetime.timedelta):
        return DURATION, value.total_seconds() / 86_400
    if isinstance(value, datetime.time):
        return None if value.tzinfo else (TIME, _serial(value))
    return None


def _serial(value: datetime.date | datetime.time) -> float:
    from openpyxl.utils.datetime import to_excel

    return float(to_excel(value))


@functools.lru_cache(maxsize=4096)
def _day_serial(day: datetime.date) -> int:
    """The serial number of a day; a sheet of reviews has the same days again and again."""
    return int(_serial(day))


def _info(name: str) -> zipfile.ZipInfo:
    """Entry of the archive with a fixed time, so that equal rows give equal bytes."""
    info = zipfile.ZipInfo(name, _TIMESTAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
