"""Writes the settings of a file as TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from pipeline.settings import FileColumns, FileSource

_BARE_KEY = re.compile("[A-Za-z][A-Za-z_-]*")


def source_toml(
    settings: FileSource, columns: FileColumns, shown: Collection[str], notes: list[str]
) -> str:
    """Settings with which a run reads a file as the inspection did.

    Args:
        settings: The source.
        columns: Names of the columns.
        shown: The fields to write: fields that the file has, and fields that must not be read.
        notes: Lines that the user should confirm, written as comments.
    """
    own = settings.model_dump(mode="json", exclude_defaults=True, exclude={"columns"})
    lines = ["[source]", *(f"{name} = {toml_value(value)}" for name, value in own.items())]
    lines += [f"# {note}" for note in notes if not note.startswith("columns.")]
    named = {field: getattr(columns, field) for field in FileColumns.model_fields if field in shown}
    of_columns = [note.removeprefix("columns.") for note in notes if note.startswith("columns.")]
    if named or of_columns:
        lines += ["", "[source.columns]"]
        lines += [f"{field} = {toml_value(name)}" for field, name in named.items()]
    lines += [f"# {note}" for note in of_columns]
    return "\n".join(lines) + "\n"


def toml_value(value: Any) -> str:
    """A value as TOML in one line."""
    if isinstance(value, dict):
        pairs = (f"{_key(key)} = {toml_value(one)}" for key, one in value.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else toml_value(name)
