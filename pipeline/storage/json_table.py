"""Reads JSON documents: a list of objects, or an object that holds one."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pipeline.bounded_json import load_json
from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.settings.paths import nfc
from pipeline.storage.jsonl import read_jsonl, repaired_value
from pipeline.storage.rows import Row

logger = logging.getLogger(__name__)

MAX_DEPTH = 4
"""Maximum depth at which a list of objects is searched."""
MIN_OBJECTS = 2
"""Minimum number of similar objects within an object that counts as a table."""


def read_json(
    file: IO[str], path: Path, items: str, *, quiet: bool
) -> tuple[list[str], Iterator[Row]]:
    """Read a JSON document as a table. A file of JSON lines is read as such.

    The rows are the objects of a list: the document itself, the list at ``items``, or the longest
    list that the document holds. An object of columns, as pandas writes it, or an object of rows by
    id is a table too.

    Args:
        file: The open file; it must be seekable.
        path: Its path.
        items: Dotted path of the list; empty to find it.
        quiet: Do not log which list is read.

    Returns:
        The keys of all rows, in the order of their first occurrence, and the rows.

    Raises:
        SourceError: The file is not JSON, or has no list of objects at ``items`` or at all.
    """
    try:
        document = load_json(file.read())
    except ValueError as error:
        if getattr(error, "msg", "") == "Extra data" and not items:
            file.seek(0)
            return read_jsonl(file, path, quiet=quiet)
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{path}{line}: not JSON: {excerpt(str(error))}") from error
    found = _columns(document) if not items else None
    if found is None:
        where, found = (items, _at(document, items)) if items else _longest(document)
        if where and not items and not quiet:
            logger.info("reading the list at %s of %s", excerpt(where), path.name)
    if found is None and not items and _is_of_objects(document):
        found = list(document.values())
    if not isinstance(found, list):
        raise SourceError(
            f"{path} holds no list of objects{f' at {items}' if items else ''}; it is "
            f"{_described(document)}: name the path of the list with source.items"
        )
    rows = [_row(one, path, number) for number, one in enumerate(found, 1)]
    return list(dict.fromkeys(name for row in rows for name in row)), iter(rows)


def _row(item: Any, path: Path, number: int) -> Row:
    if not isinstance(item, dict):
        raise SourceError(f"{path}, item {number}: not a JSON object: {excerpt(_dumped(item))}")
    cells = repaired_value(item)
    return Row(((nfc(name), value) for name, value in cells.items()), path, number, "item")


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _longest(document: Any, depth: int = 0) -> tuple[str, list[Any] | None]:
    """The path of the longest list of objects, and the list; None if there is none."""
    if isinstance(document, list):
        is_of_objects = any(isinstance(one, dict) for one in document)
        return ("", document) if is_of_objects or not depth else ("", None)
    found: tuple[str, list[Any] | None] = ("", None)
    if isinstance(document, dict) and depth < MAX_DEPTH:
        for key, value in document.items():
            path, rows = _longest(value, depth + 1)
            if rows is not None and (found[1] is None or len(rows) > len(found[1])):
                found = (f"{key}.{path}" if path else key, rows)
    return found


def _columns(document: Any) -> list[dict[str, Any]] | None:
    """The rows of an object of columns; each column is a list, or an object of values by row."""
    if not isinstance(document, dict) or not document:
        return None
    values = list(document.values())
    if all(isinstance(one, dict) for one in values):
        keys = list(values[0])
        is_table = "0" in keys and all(list(one) == keys for one in values)
        values = [list(one.values()) for one in values] if is_table else []
    is_table = all(isinstance(one, list) and len(one) == len(values[0]) for one in values)
    if not values or not is_table or isinstance(next(iter(values[0]), {}), dict):
        return None
    return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]


def _described(document: Any) -> str:
    if isinstance(document, dict):
        return f"an object with {', '.join(map(excerpt, list(document)[:12])) or 'no keys'}"
    return excerpt(_dumped(document))


def _is_of_objects(document: Any) -> bool:
    """Whether a document is an object of similar objects: rows by id."""
    if not isinstance(document, dict) or len(document) < MIN_OBJECTS:
        return False
    first, *others = document.values()
    return isinstance(first, dict) and all(
        isinstance(one, dict) and one.keys() & first.keys() for one in others
    )


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
