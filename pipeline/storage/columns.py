"""Finds the columns that are needed in a user's table."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.settings.paths import nfc
from pipeline.storage.column_names import USUAL_NAMES, shown_candidates, usual_columns
from pipeline.storage.formats import DELIMITERS, file_suffix
from pipeline.storage.table_files import is_one_file
from pipeline.storage.text_files import detect_format

logger = logging.getLogger(__name__)

PLAIN_NAMES = ("document", "text", "review")
"""Names of text columns that are obvious, so that the log does not mention them."""
MAX_SHOWN_COLUMNS = 12
MAX_USUAL_NAMES = 10
MAX_SHOWN_CHARACTERS = 20
MAX_NAME_CHARACTERS = 30
"""A longer column name is taken for a text: the file seems to have no header line."""


def text_column(
    columns: list[str], wanted: str, path: Path, *, last: bool = False, advice: str = ""
) -> str:
    """Name of the column that holds the text.

    Args:
        columns: Columns of the table.
        wanted: Name to look for, which may be a path into objects (``review.text``); empty for the
            first usual name that exists.
        path: The table, which is named in errors.
        last: Whether it has to be the last column, because further fields are joined to it (CSV,
            TSV).
        advice: What to do if there is no column with a usual name.

    Raises:
        SourceError: The column does not exist, exists several times, holds lists or objects
            (Parquet), or is not the last one.
    """
    found = next(iter(text_candidates(columns, wanted)), None)
    if found is None:
        *others, last_name = USUAL_NAMES["text"][:MAX_USUAL_NAMES]
        names = nfc(wanted) or f"{', '.join(others)} or {last_name}"
        raise missing_column(names, columns, path, "" if wanted else advice)
    check_single(columns, [found], path)
    suffix = detect_format(path) if is_one_file(path) else ""
    if suffix == ".parquet" and found in columns:
        from pipeline.storage.parquet import check_text_type

        check_text_type(path, found)
    if last and found != columns[-1] and suffix in ("", *DELIMITERS):
        raise SourceError(
            f"{path}: fields can only be joined to the last column, {columns[-1]}, but the text "
            f"is in {found}: put quotes around the texts instead"
        )
    return found


def text_candidates(columns: list[str], wanted: str) -> list[str]:
    """The columns that may hold the text, the best first; only ``wanted`` if it is not empty."""
    if not wanted:
        return usual_columns("text", columns)
    return [nfc(wanted)] if has_column(columns, nfc(wanted)) else []


def has_column(columns: Collection[str], name: str) -> bool:
    """Whether a table has a column, or the one that a path such as ``user.name`` begins with."""
    return name in columns or ("." in name and name.partition(".")[0] in columns)


def log_text_column(columns: list[str], wanted: str, path: Path) -> None:
    """Log which text column was found, unless the user named it or its name is obvious."""
    found = text_candidates(columns, wanted)
    if not wanted and found and (len(found) > 1 or found[0] not in PLAIN_NAMES):
        logger.info("%s: columns found: %s", path.name, shown_candidates({"text": found}))


def check_single(columns: list[str], needed: Iterable[str], path: Path) -> None:
    """Check that no needed column occurs twice in the table.

    Raises:
        SourceError: A needed column occurs twice.
    """
    for name in needed:
        if name and f"{name}#2" in columns:
            raise SourceError(f"{path} has several columns {name}: rename all but one")


def missing_column(wanted: str, columns: list[str], path: Path, advice: str = "") -> SourceError:
    """The error to raise for a missing column, with what to do."""
    if not columns:
        return SourceError(f"{path} is empty")
    question = "; has the file a header line?" if looks_headerless(columns) else ""
    listed = "; ".join(filter(None, (shown_columns(columns), advice)))
    return SourceError(f"{path} has no column {wanted}; its columns are: {listed}{question}")


def looks_headerless(columns: Iterable[str]) -> bool:
    """Whether any column name looks like a value, so that the header line seems to be missing."""
    return any(map(_is_value, columns))


def shown_columns(columns: list[str]) -> str:
    """The names of a table's columns for messages, shortened."""
    shown = [excerpt(name, MAX_SHOWN_CHARACTERS) for name in columns[:MAX_SHOWN_COLUMNS]]
    if len(columns) > len(shown):
        shown.append(f"{len(columns) - len(shown)} more")
    return ", ".join(shown)


def no_rows(path: Path) -> SourceError:
    """The error to raise for a table without rows."""
    head = "a header line" if file_suffix(path) in DELIMITERS else "columns"
    return SourceError(f"{path} has {head}, but no rows")


def _is_value(name: str) -> bool:
    """Whether a column name looks like a value: a number or a sentence."""
    try:
        float(name)
    except ValueError:
        return len(name) > MAX_NAME_CHARACTERS
    return True
