"""The meaning of the values of a label column: known schemes, chosen from all values of a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipeline.redact import excerpt
from pipeline.reviews.review import LABEL_NAMES, NEGATIVE, NEUTRAL, POSITIVE

ZERO_ONE = {"0": NEGATIVE, "1": POSITIVE}
MINUS_ONE_ONE = {"-1": NEGATIVE, "1": POSITIVE}
MINUS_ONE_ZERO_ONE = {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}
ORDER = (NEGATIVE, NEUTRAL, POSITIVE)
MAX_VALUE_CHARACTERS = 100
"""A longer value is not a label."""
MAX_NAMED = 5
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


@lru_cache(maxsize=4096)
def value_key(value: str) -> str:
    """The normalized form of a value: ``1`` for ``1.0``, ``true`` for ``TRUE``; NFKC."""
    text = unicodedata.normalize("NFKC", value).replace("\N{MINUS SIGN}", "-")
    text = " ".join(text.casefold().split())
    if not _NUMBER.fullmatch(text):
        return text
    number = format(Decimal(text).normalize(), "f")
    return "0" if number == "-0" else number


def is_number(key: str) -> bool:
    """Whether a key of :func:`value_key` is a number."""
    return _NUMBER.fullmatch(key) is not None


def number_scheme(columns: Iterable[Collection[str]]) -> dict[str, int] | None:
    """The sentiment of each number, for one or more columns that share a scheme.

    Args:
        columns: The numbers of each column, as keys of :func:`value_key`.

    Returns:
        The scheme. None if the numbers have no clear meaning, such as 0, 1 and 2, or if one column
        has 0 and another one -1: then 0 may be negative or neutral.
    """
    all_numbers = [set(column) for column in columns]
    numbers = set[str]().union(*all_numbers)
    for scheme in (ZERO_ONE, MINUS_ONE_ONE):
        if numbers <= scheme.keys():
            return scheme
    is_whole = any({"-1", "0"} <= column for column in all_numbers)
    return MINUS_ONE_ZERO_ONE if numbers <= MINUS_ONE_ZERO_ONE.keys() and is_whole else None


@dataclass(frozen=True)
class LabelScheme:
    """How the values of a label column are interpreted.

    Attributes:
        meanings: Sentiment by key of :func:`value_key`; None if the rows are to be skipped.
        found: For each key that occurs, one of its values as written in the source.
        is_given: Whether ``source.values`` gives the sentiments.
    """

    meanings: Mapping[str, int | None]
    found: Mapping[str, str]
    is_given: bool = False

    def knows(self, value: str) -> bool:
        """Whether the value has a meaning."""
        return len(value) <= MAX_VALUE_CHARACTERS and value_key(value) in self.meanings

    def sentiment(self, value: str) -> int | None:
        """The sentiment of a known value; None if its rows are to be skipped."""
        return self.meanings[value_key(value)]

    @property
    def unknown(self) -> str:
        """Why a row with an unknown label is skipped."""
        names = [excerpt(value) for value, _ in self._read()]
        if not 0 < len(names) <= MAX_NAMED:
            return "label has no known meaning"
        *others, last = names
        return f"label is not {', '.join(others)} or {last}" if others else f"label is not {last}"

    def __str__(self) -> str:
        read = self._read()
        values = "/".join(excerpt(value) for value, _ in read)
        names = "/".join(LABEL_NAMES[sentiment] for _, sentiment in read)
        return f"{values} read as {names}" + (" (source.values)" if self.is_given else "")

    def _read(self) -> list[tuple[str, int]]:
        """The values that have a sentiment, from negative to positive."""
        read = [
            (value, sentiment)
            for key, value in self.found.items()
            if (sentiment := self.meanings.get(key)) is not None
        ]
        return sorted(read, key=lambda one: (ORDER.index(one[1]), one[0]))
