"""Reads this package's word list files: sections in brackets, words separated by spaces."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files


@functools.cache
def read_sections(name: str) -> Mapping[str, frozenset[str]]:
    """The words of each section of a file of this package."""
    found: dict[str, set[str]] = {}
    section = ""
    for line in (files(__package__) / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = set()
        elif line and not line.startswith("#"):
            found[section].update(line.split())
    return {section: frozenset(words) for section, words in found.items()}
