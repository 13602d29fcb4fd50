"""Counts the rows of a file that are skipped."""

from __future__ import annotations

from collections import Counter

from pipeline.redact import excerpt

_COUNTED = {
    "missing text": ("missing text", "missing texts"),
    "no complex id": ("without a complex id", "without a complex id"),
    "no id": ("without an id", "without an id"),
    "no text": ("without a text", "without a text"),
    "rating is a word": (
        "rating is a word: set source.columns.label to its column",
        "ratings are words: set source.columns.label to their column",
    ),
    "rating is not understood": ("rating not understood", "ratings not understood"),
    "repeated id": ("repeated id", "repeated ids"),
    "repeated row": ("repeated row", "repeated rows"),
}
"""Reasons with a singular and a plural form; other reasons are the same after any number."""


class Skipped(Counter[str]):
    """Number of skipped rows by reason.

    Attributes:
        first: Where each reason occurs first, with the unusable value: ``line 3: "4"``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, str] = {}

    def note(self, reason: str, place: str, value: str = "") -> None:
        """Count a row.

        Args:
            reason: Why it is skipped.
            place: Where it is.
            value: The unusable cell, empty if the cell is empty.
        """
        self[reason] += 1
        self.first.setdefault(reason, example(place, value))


def example(place: str, value: str) -> str:
    """A value and where it is: ``line 3: "4"``; either may be empty."""
    quoted = f'"{excerpt(value)}"' if value else ""
    return ": ".join(filter(None, (place, quoted)))


def counted(count: int, reason: str) -> str:
    """A number of rows and their reason: ``1 rating not understood``, ``7 missing texts``."""
    one, several = _COUNTED.get(reason, (reason, reason))
    return f"{count:,} {one if count == 1 else several}"


def not_understood(kind: str, count: int) -> str:
    """Name of a count of unread ``dates`` or ``ratings``: ``date not understood`` for one."""
    return f"{kind[: -1 if count == 1 else None]} not understood"


def explain(counts: dict[str, int], first: dict[str, str]) -> str:
    """All reasons with their numbers: ``2 missing texts (first in line 3: "None"), 1 ...``."""
    return ", ".join(
        counted(count, reason) + (f" (first in {first[reason]})" if reason in first else "")
        for reason, count in counts.items()
    )
