"""Reads JSON lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pipeline.bounded_json import load_json
from pipeline.errors import SourceError
from pipeline.redact import excerpt
from pipeline.settings.paths import nfc
from pipeline.storage.rows import Noted, Row

logger = logging.getLogger(__name__)

REPLACEMENT = "\ufffd"
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_jsonl(file: IO[str], path: Path, *, quiet: bool) -> tuple[list[str], Iterator[Row]]:
    """Read a file of one JSON object per line.

    Lone surrogates (half of a character) become U+FFFD; the log gives their number.

    Returns:
        The keys of all rows, in the order of their first occurrence, and the rows.

    Raises:
        SourceError: A line is not a JSON object.
    """
    names = list(dict.fromkeys(name for row in _rows(file, path, quiet=True) for name in row))
    file.seek(0)
    return names, _rows(file, path, quiet=quiet)


def _rows(file: IO[str], path: Path, *, quiet: bool) -> Iterator[Row]:
    repaired = Noted()
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            cells = load_json(line)
        except ValueError as error:
            raise _refused("JSON", line, path, number) from error
        if not isinstance(cells, dict):
            raise _refused("a JSON object", line, path, number)
        if _ESCAPED_SURROGATE.search(line):
            whole = repaired_value(cells)
            if whole != cells:
                cells = whole
                repaired.add(number)
        yield Row(((nfc(name), value) for name, value in cells.items()), path, number)
    if repaired.rows and not quiet:
        logger.warning(
            "%s: rows with an invalid character (a lone surrogate), replaced by U+FFFD: %s",
            *(path.name, repaired),
        )


def _refused(wanted: str, line: str, path: Path, number: int) -> SourceError:
    return SourceError(f"{path}, line {number}: not {wanted}: {excerpt(line.strip())}")


def repaired_value(value: Any) -> Any:
    """A JSON value in whose strings each lone surrogate is replaced by U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub(REPLACEMENT, value)
    if isinstance(value, list):
        return [repaired_value(one) for one in value]
    if isinstance(value, dict):
        return {repaired_value(name): repaired_value(one) for name, one in value.items()}
    return value
