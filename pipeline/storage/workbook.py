"""Reads Excel workbooks (.xlsx) row by row."""

from __future__ import annotations

import datetime
import logging
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.settings.paths import nfc
from pipeline.storage.header import Header, Record, take_header, trimmed
from pipeline.storage.jsonl import REPLACEMENT
from pipeline.storage.rows import Row, column_names
from pipeline.storage.table_archives import is_bomb, is_encrypted

logger = logging.getLogger(__name__)

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Maximum size of a sheet in Excel, including the header."""
SURROGATES = range(0xD800, 0xE000)
CSV = "save the sheet as CSV UTF-8 in Excel"
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_HAS_TIME = re.compile("[hs]", re.IGNORECASE)

Cells = tuple[Any, ...]


@contextmanager
def open_workbook(
    path: Path, sheet: str = "", *, header: Sequence[str] = (), quiet: bool = False
) -> Iterator[tuple[list[str], Iterator[Row]]]:
    """Open a sheet of a workbook; yields its column names and an iterator over its rows.

    The first row with a value is the header, unless it is a title. Numbers, dates and booleans keep
    their types; a formula has the value that Excel saved with it. Empty rows at the end are left
    out.

    Args:
        path: The file.
        sheet: Name of the sheet; empty for the first that is not hidden.
        header: Names of the columns of a sheet without a header.
        quiet: Do not log which sheet is read.

    Raises:
        SourceError: The workbook is damaged, unpacks to far more than its size, or has no such
            sheet. May be raised during iteration.
    """
    _check_size(path)
    with path.open("rb") as file, closing(_load(file, path)) as book:
        chosen = _choose(book, sheet, path, quiet=quiet)
        chosen.reset_dimensions()  # the dimensions in the file may be wrong and would hide cells
        rows = _guarded(enumerate(_values(chosen.rows), 1), path)
        found = Header(header, 0, 0, rows) if header else take_header(rows)
        if found.titles and not quiet:
            logger.info("%s: the names of the columns are in row %d", path.name, found.row)
        names = column_names("" if cell is None else str(cell) for cell in trimmed(found.cells))
        yield names, _rows(found.rest, names, path)


def shown_sheets(path: Path) -> list[str]:
    """Names of the sheets of a workbook that are not hidden.

    Raises:
        SourceError: The workbook is damaged, or unpacks to far more than its size.
    """
    _check_size(path)
    with path.open("rb") as file, closing(_load(file, path)) as book:
        return [nfc(one.title) for one in _visible(book)]


def _visible(book: Any) -> list[Any]:
    return [one for one in book.worksheets if one.sheet_state == "visible"]


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _damaged(path, error) from error
    if is_encrypted(parts):
        raise SourceError(f"{path} is protected by a password: save it without one")
    if is_bomb(parts):
        raise SourceError(f"{path} unpacks to far more than its size: {CSV}")


def _load(file: IO[bytes], path: Path) -> Any:
    from openpyxl import load_workbook

    def load() -> Iterator[Any]:
        yield load_workbook(file, read_only=True, data_only=True, keep_links=False)

    return next(_guarded(load(), path))


def _guarded(steps: Iterator[Any], path: Path) -> Iterator[Any]:
    """Iterate over what openpyxl reads; any of its errors means that the workbook is damaged."""
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                step = next(steps)
        except StopIteration:
            return
        except SourceError:
            raise
        except Exception as error:
            raise _damaged(path, error) from error
        yield step


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        f"{path} is a damaged workbook ({excerpt(str(error))}): save it again in Excel"
    )


def _choose(book: Any, wanted: str, path: Path, *, quiet: bool) -> Any:
    sheets = {nfc(sheet.title): sheet for sheet in book.worksheets}
    shown = ", ".join(excerpt(title) for title in sheets)
    if not sheets:
        raise SourceError(f"{path} has no sheet with cells")
    if wanted:
        if nfc(wanted) not in sheets:
            raise SourceError(f"{path} has no sheet {wanted}; its sheets are: {shown}")
        return sheets[nfc(wanted)]
    visible = _visible(book)
    chosen = (visible or book.worksheets)[0]
    if len(visible) > 1 and not quiet:
        logger.info(
            "reading sheet %s of %s; its sheets are: %s", excerpt(chosen.title), path.name, shown
        )
    return chosen


def _values(rows: Iterator[Any]) -> Iterator[Cells]:
    for row in rows:
        yield tuple(_value(cell) for cell in row)


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, str):
        return _ESCAPED.sub(_unescaped, value) if "_x" in value else value
    if isinstance(value, datetime.datetime) and not _HAS_TIME.search(cell.number_format):
        return value.date()
    return value


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return REPLACEMENT if code in SURROGATES else chr(code)


def _rows(rows: Iterator[Record], names: list[str], path: Path) -> Iterator[Row]:
    blank: list[int] = []
    width = len(names)
    for number, found in rows:
        if number > MAX_ROWS:
            raise _damaged(path, ValueError(f"more than {MAX_ROWS:,} rows"))
        cells = trimmed(found)
        if len(cells) > width:
            raise SourceError(
                f"{path}, row {number}: {len(cells)} cells, but the header has {width}: "
                "give every column a name, or delete rows of titles above the header"
            )
        if not cells:
            blank.append(number)
            continue
        for one in blank:
            yield Row(dict.fromkeys(names), path, one, "row")
        blank.clear()
        padded = (*cells, *(None,) * (width - len(cells)))
        yield Row(zip(names, padded, strict=True), path, number, "row")
