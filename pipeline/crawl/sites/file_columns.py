"""Finds the columns of a file of reviews, and opens it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from pipeline.crawl.sites.sides import SIDES
from pipeline.settings import FileColumns, FileSource
from pipeline.storage.column_names import USUAL_NAMES, shown_candidates, usual_columns
from pipeline.storage.columns import (
    PLAIN_NAMES,
    check_single,
    has_column,
    missing_column,
    text_candidates,
    text_column,
)
from pipeline.storage.tables import Table, open_table

DEFAULTS = FileColumns()
ADVICE = "`review-sentiment inspect FILE` shows which one may hold the texts"


@dataclass(frozen=True)
class FoundColumns:
    """The columns of a file.

    Attributes:
        columns: Column of each field; a field that the file lacks keeps the name of the settings.
        candidates: For each field whose column was found by a usual name: all columns with such a
            name, of which the first is used.
        has_labels: Whether there is a column of labels or ratings.
    """

    columns: FileColumns
    candidates: dict[str, list[str]]
    has_labels: bool

    @property
    def guessed(self) -> str:
        """The columns found under names other than the defaults, for the log; empty if none."""
        told = {
            field: names
            for field, names in self.candidates.items()
            if len(names) > 1 or names[0] not in (*PLAIN_NAMES, getattr(DEFAULTS, field))
        }
        return shown_candidates(told)


def open_file(path: Path, settings: FileSource, *, quiet: bool) -> AbstractContextManager[Table]:
    """Open a file as its source says; see :func:`pipeline.storage.tables.open_table`."""
    return open_table(
        path,
        join_fields=settings.join_fields,
        sheet=settings.sheet if path == settings.path else "",
        header=settings.columns_in_order,
        items=settings.items,
        quiet=quiet,
    )


def find_columns(names: list[str], settings: FileSource) -> FoundColumns:
    """Find the column of each field: as the settings name it, else by a usual name.

    One side of reviews with a usual name is not used without the other side.

    Args:
        names: Columns of the file.
        settings: The source.
    """
    given = {field: getattr(settings.columns, field) for field in USUAL_NAMES}
    named = {name for name in settings.columns.names if has_column(names, name)}
    candidates = {}
    for field, name in given.items():
        is_open = name == getattr(DEFAULTS, field)
        if not is_open:
            continue
        if field == "text":
            found = text_candidates([one for one in names if one not in named], name)
        else:
            found = usual_columns(field, [one for one in names if one == name or one not in named])
        if found:
            candidates[field] = found
    used = {field: found[0] for field, found in candidates.items()}
    are_open = all(given[side] == getattr(DEFAULTS, side) for side in SIDES)
    if are_open and not candidates.keys() >= set(SIDES):
        for side in SIDES:
            if candidates.pop(side, None):
                used[side] = ""
    columns = settings.columns.model_copy(update=used)
    has_labels = has_sides(columns, names) or any(
        name and has_column(names, name) for name in (columns.label, columns.rating)
    )
    return FoundColumns(columns, candidates, has_labels)


def check_columns(found: FoundColumns, names: list[str], settings: FileSource, path: Path) -> None:
    """Check that a file has the columns that a run needs.

    Raises:
        SourceError: A column is missing or repeated. The columns of the label, the rating and the
            sides may be missing only if the settings do not name them.
    """
    wanted = [name for name in (settings.columns.label, settings.columns.rating) if name]
    is_named = not set(wanted) <= {DEFAULTS.label, DEFAULTS.rating}
    if not found.has_labels and (path == settings.test_path or is_named):
        raise missing_column(" or ".join(wanted) or "label or rating", names, path)
    aspects = settings.aspect_ratings.values()
    sides = {getattr(settings.columns, side) for side in SIDES} - {"", DEFAULTS.pros, DEFAULTS.cons}
    for column in (*sorted(sides), *aspects):
        if not has_column(names, column):
            raise missing_column(column, names, path)
    check_single(names, [*found.columns.names, *aspects], path)
    find_texts(names, found.columns, settings, path)


def find_texts(
    names: list[str], columns: FileColumns, settings: FileSource, path: Path
) -> list[str]:
    """The columns whose texts are joined, usually only one; none if there are only two sides.

    Raises:
        SourceError: See :func:`pipeline.storage.columns.text_column`.
    """
    if not columns.text and has_sides(columns, names):
        return []
    last = settings.join_fields
    return [text_column(names, one, path, last=last, advice=ADVICE) for one in columns.texts]


def has_sides(columns: FileColumns, names: list[str]) -> bool:
    """Whether a table has a column of what reviewers liked, or of what they did not like."""
    sides = (getattr(columns, side) for side in SIDES)
    return any(name and has_column(names, name) for name in sides)
