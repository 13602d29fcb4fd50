"""Settings of a file of reviews."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from pipeline.settings.paths import find_path, nfc, none_if_empty
from pipeline.settings.reading import ReadingSection
from pipeline.settings.section import Section
from pipeline.settings.source_name import SourceName
from pipeline.settings.texts import AspectRatings, Texts, places
from pipeline.settings.values import Values


class FileColumns(Section):
    """Column names of a file; for JSON also paths into objects, such as ``user.name``.

    If no column has the default name, a column with another usual name in Korean or English is
    used. If neither a label nor a rating is found, there are no labels.
    """

    id: str = "id"
    """Column of the id. If it does not exist, the ids are ``row 1``, ``row 2`` ..., in the order in
    which the rows are first read. They stay the same if rows are added anywhere later."""
    text: Texts = ""
    """Column of the text; several columns, such as ``["제목", "내용"]``, are joined, each on a
    separate line. Empty: the first column that exists of ``document``, ``text``, ``review`` and
    other usual names."""
    label: str = "label"
    """Column of the label, with values such as 0 and 1; -1, 0 and 1; or 부정, 중립 and 긍정. See
    also ``source.values``. Empty: labels are not read."""
    rating: str = "rating"
    """Column of the rating; see also ``rating_pattern``. Empty: ratings are not read."""
    date: str = "date"
    """Column of the date. Empty: dates are not read."""
    group: str = "group"
    """Column of the reviewed item (a product, a film). Empty: groups are not read."""
    pros: str = "pros"
    """Column of what the reviewer liked: a text of its own, labelled positive. Columns with usual
    names are read if there is one for both sides. Empty: not read."""
    cons: str = "cons"
    """Column of what the reviewer did not like: a text of its own, labelled negative. Answers such
    as 없음 are left out. Empty: not read."""

    @field_validator("*")
    @classmethod
    def _in_nfc(cls, name: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return nfc(name) if isinstance(name, str) else tuple(map(nfc, name))

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns of the text."""
        return places(self.text)

    @property
    def names(self) -> list[str]:
        """The names of all columns."""
        return [one for _, name in self for one in places(name)]


class FileSource(ReadingSection):
    """A file of reviews: TSV, CSV, JSON, JSONL (each also with ``.gz``), Parquet, Excel (.xlsx)."""

    kind: Literal["file"]
    """Selects this kind of source."""
    name: SourceName = ""
    """Name of the source in the store. Empty: derived from the name of the file. Reviews under a
    different name are a different source."""
    path: Path
    """Path of the file. For several files with the same columns: path of a folder, a pattern such
    as ``reviews/*.csv``, or path of a ``.zip``."""
    test_path: Path | None = None
    """Path of a file of labelled reviews that is used as the test split, and never for training or
    model selection. Unset: see ``split``."""
    columns: FileColumns = FileColumns()
    """Column names of the file and of the test file."""
    aspect_ratings: AspectRatings = Field({})
    """Columns of further ratings by the aspect that they rate, such as
    ``{ "맛" = "맛 별점", "배달" = "배달 별점" }``. The report shows their means."""
    columns_in_order: tuple[str, ...] = ()
    """Names of the columns of files without a header, from left to right (CSV, TSV, Excel)."""
    sheet: str = ""
    """Sheet of the workbook at ``path``. Empty: the first that is not hidden."""
    items: str = ""
    """Dotted path of the list of reviews in a JSON document. Empty: the longest list of objects."""
    join_fields: bool = False
    """If a row has more fields than the header, join the additional fields to the last column,
    which must be the text. For texts that contain commas (CSV) or tabs (TSV) and are not quoted."""
    values: Values = Field({})
    """Meaning of values that are unknown or usually have another meaning: ``negative``, ``neutral``
    or ``positive`` for a label, a number for a rating, or empty to skip the rows with this value.
    If this setting gives a sentiment to a label that occurs, rows with other labels are skipped."""

    @field_validator("columns_in_order")
    @classmethod
    def _names_differ(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise ValueError("a column name is listed twice")
        return tuple(map(nfc, names))

    @field_validator("aspect_ratings")
    @classmethod
    def _columns_in_nfc(cls, columns: dict[str, str]) -> dict[str, str]:
        return {nfc(aspect): nfc(column) for aspect, column in columns.items()}

    @field_validator("path", mode="before")
    @classmethod
    def _not_empty(cls, path: Any) -> Any:
        if path == "":  # would be the current folder
            raise ValueError("must not be empty")
        return path

    _unset = field_validator("test_path", mode="before")(none_if_empty)

    @field_validator("path", "test_path")
    @classmethod
    def _found(cls, path: Path | None) -> Path | None:
        return path and find_path(path)

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        return self.name or f"file:{nfc(self.path.name or self.path.resolve().name)}"

    @property
    def test_name(self) -> str:
        """Name of the reviews of the test file in the store; empty if there is none."""
        if self.test_path is None:
            return ""
        return f"test {self.name or f'file:{nfc(self.test_path.name)}'}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return " and ".join(path.name for path in self.paths)

    @property
    def paths(self) -> list[Path]:
        """The file, and the test file if there is one."""
        return [path for path in (self.path, self.test_path) if path]
