"""The findings of an inspection, as they are printed and as ``--json`` writes them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        name: Name of the column.
        taken_for: Field as which the column is interpreted: ``text``, ``label``, ``rating``,
            ``date``, ``group`` or ``id``; empty for none.
        filled: Number of rows with a value.
        first: The values of the first rows, shortened.
    """

    name: str
    taken_for: str
    filled: int
    first: list[str]


@dataclass(frozen=True)
class Value:
    """A value of the label column: its number of rows and its meaning, empty if it has none."""

    rows: int
    meaning: str


@dataclass(frozen=True)
class Reason:
    """Why rows or values are not used: their number, and the place and value of the first one."""

    why: str
    rows: int
    first: str


@dataclass(frozen=True)
class Outlook:
    """What a run would do.

    Attributes:
        trains: Whether there are enough labels to train.
        does: Description of what a run would do.
        classes: Number of examples by class.
        unlabelled: Number of reviews without a label.
        splits: Number of examples by split; empty if a run would fail.
        rule: How ratings become labels.
        warning: What is probably wrong with the labels; empty if nothing is.
    """

    trains: bool
    does: str
    classes: dict[str, int] = field(default_factory=dict)
    unlabelled: int = 0
    splits: dict[str, int] = field(default_factory=dict)
    rule: str = ""
    warning: str = ""


@dataclass
class Inspection:
    """The content of a file, or of the first page of a site.

    Attributes:
        path: The file, folder or pattern, or the address of the page.
        files: Names of its files; empty if it is a single file.
        format: Name of the format, such as ``CSV``.
        encoding: Encoding of a text file, else empty.
        delimiter: Delimiter of a CSV or TSV, else empty.
        rows: Number of rows.
        columns: The columns.
        ratings: Number of reviews by rating, from the highest.
        labels: The labels that occur.
        first_date: First day of the reviews, empty without dates.
        last_date: Last day of the reviews, empty without dates.
        unusable: Reasons for skipped rows and for values that are not understood.
        is_broken: Whether the rows could not be read to their end.
        as_is: Whether a run accepts the file as it is, without the settings in ``toml``.
        run: What a run would do, if necessary with the settings in ``toml``; None if it cannot read
            the file.
        problems: What to fix first, each in one line.
        toml: Settings that read the file or page as it was interpreted here; empty for a site that
            has settings.
        is_page: Whether this is the first page of a site.
    """

    path: str
    files: list[str] = field(default_factory=list)
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    rows: int = 0
    columns: list[Column] = field(default_factory=list)
    ratings: dict[str, int] = field(default_factory=dict)
    labels: dict[str, Value] = field(default_factory=dict)
    first_date: str = ""
    last_date: str = ""
    unusable: list[Reason] = field(default_factory=list)
    is_broken: bool = False
    as_is: bool = True
    run: Outlook | None = None
    problems: list[str] = field(default_factory=list)
    toml: str = ""
    is_page: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The findings as JSON-serializable data."""
        return asdict(self)
