"""Paths and names as users give them."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any


def nfc(text: str) -> str:
    """Compose Hangul: macOS writes 한 as three jamo (NFD), keyboards as one syllable (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def none_if_empty(path: Any) -> Any:
    """A path as given, None for an empty one, which would be the current folder."""
    return None if path == "" else path


def find_path(path: Path) -> Path:
    """The file or folder that a path means.

    Expands ``~``. If a part of the path does not exist, its NFC or NFD form is used if that
    exists.
    """
    path = Path(os.path.expanduser(path))  # noqa: PTH111 - leaves ~ of an unknown user
    if path.exists():
        return path
    found = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts:
        forms = (part, nfc(part), unicodedata.normalize("NFD", part))
        found /= next((form for form in forms if (found / form).exists()), part)
    return found
