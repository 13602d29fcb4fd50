"""The type of the values of each column, for a copy of a table with typed columns."""

from __future__ import annotations

import datetime
import logging
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

MAX_EXACT_FLOAT = 2**53
INT64 = range(-(2**63), 2**63)
KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    datetime.date: "date",
    datetime.datetime: "datetime",
}


def kinds(rows: Iterable[dict[str, Any]], path: Path) -> dict[str, str]:
    """The type of the values of each column: one of ``KINDS``, or ``text``.

    Anything else is ``text``: strings, lists, objects, mixed types, and numbers that are too
    large. A mix of dates and datetimes is ``datetime``.

    Args:
        rows: All rows.
        path: File of the rows, for the log.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    largest: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        for name, value in row.items():
            kind = KINDS.get(type(value), "text")
            if value is not None:
                found[name].add(kind)
            if kind == "int":
                largest[name] = max(largest[name], abs(value))
    mixed = [
        name
        for name, of_name in found.items()
        if len(of_name) > 1 and of_name not in ({"int", "float"}, {"date", "datetime"})
    ]
    if mixed:
        logger.info(
            "%s: columns with values of several types are written as text: %s",
            path.name,
            ", ".join(mixed),
        )
    return {name: _kind(of_name, largest[name]) for name, of_name in found.items()}


def _kind(found: set[str], largest: int) -> str:
    if found == {"int"} and largest in INT64:
        return "int"
    if found in ({"float"}, {"int", "float"}) and largest <= MAX_EXACT_FLOAT:
        return "float"
    if found == {"date", "datetime"}:
        return "datetime"
    (kind, *others) = found
    return kind if kind in ("bool", "date", "datetime") and not others else "text"
