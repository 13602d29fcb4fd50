"""Settings of a file of reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from pipeline.settings.paths import find_path, nfc
from pipeline.settings.reading import ReadingSection
from pipeline.settings.section import Section
from pipeline.settings.values import Values


class FileColumns(Section):
    """Column names of a file. If neither ``label`` nor ``rating`` exists, there are no labels."""

    id: str = "id"
    """Column of the id. If it does not exist, the id is the row number."""
    text: str = ""
    """Column of the text. Empty: the first of ``document``, ``text`` and ``review`` that
    exists."""
    label: str = "label"
    """Column of the label, such as 0 and 1, -1, 0 and 1, or 부정, 중립 and 긍정; see also
    ``source.values``. Empty: labels are not read."""
    rating: str = "rating"
    """Column of the rating; see also ``rating_pattern``."""
    date: str = "date"
    """Column of the date."""
    group: str = "group"
    """Column of what is reviewed (a product, a film)."""

    @field_validator("*")
    @classmethod
    def _in_nfc(cls, name: str) -> str:
        return nfc(name)


class FileSource(ReadingSection):
    """A file of reviews: TSV, CSV, JSONL (each also with ``.gz``), Parquet or Excel (.xlsx)."""

    kind: Literal["file"]
    """Selects this kind of source."""
    path: Path
    """Path of the file."""
    test_path: Path | None = None
    """Path of a file of labelled reviews that becomes the test split; never used for training or
    model selection. Unset: ``split.test_share`` of the reviews."""
    columns: FileColumns = FileColumns()
    """Column names of both files."""
    join_fields: bool = False
    """Join the fields beyond the header to the last column, which must be the text: for texts with
    a comma and without quotes (CSV; TSV with a tab)."""
    values: Values = Field({})
    """Meaning of values that are not known or known otherwise: ``negative``, ``neutral`` or
    ``positive`` for a label, a number for a rating, or empty to skip the rows. If it gives a
    sentiment to a label that occurs, rows with other labels are skipped."""

    @field_validator("path", "test_path")
    @classmethod
    def _found(cls, path: Path | None) -> Path | None:
        return path and find_path(path)

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return " and ".join(path.name for path in (self.path, self.test_path) if path)
