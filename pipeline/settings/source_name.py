"""The type of a source's name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field


def _is_one_line(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("write a name without line breaks, and without spaces around it")
    return name


SourceName = Annotated[str, Field(max_length=200), AfterValidator(_is_one_line)]
"""Name of a source in the store, on one line; empty: derived from the source's address."""
