"""Counts the rows of a file that are skipped."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pipeline.crawl.parse.label_schemes import shown
from pipeline.storage.tables import file_format


class Skipped(Counter[str]):
    """Number of skipped rows by reason.

    Attributes:
        file: Name of the file, empty if the crawl reads only one.
        first: Where each reason occurs first, and the culprit: ``line 3: "4"``.
    """

    def __init__(self, file: str = "") -> None:
        super().__init__()
        self.file = file
        self.first: dict[str, str] = {}

    def note(self, reason: str, where: str, value: str = "") -> None:
        """Count a row.

        Args:
            reason: Why it is skipped.
            where: Its place in the file, see :func:`place`.
            value: The unusable cell, empty if the cell is empty.
        """
        self[reason] += 1
        if reason not in self.first:
            where += f" of {shown(self.file, quoted=False)}" if self.file else ""
            self.first[reason] = f"{where}: {shown(value)}" if value else where


def place(path: Path, number: int) -> str:
    """The place of a row in its file, for a person.

    Args:
        path: The file.
        number: Number of the row, from 1.
    """
    suffix = file_format(path)
    if suffix == ".parquet":
        return f"row {number:,}"
    return f"line {number if suffix == '.jsonl' else number + 1:,}"


def explain(counts: dict[str, int], first: dict[str, str]) -> str:
    """All reasons with their numbers: ``2 missing text (first in line 3: "None"), 1 ...``."""
    return ", ".join(
        f"{count:,} {reason}" + (f" (first in {first[reason]})" if reason in first else "")
        for reason, count in counts.items()
    )
