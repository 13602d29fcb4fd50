"""Files that come with the package."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def bundled(name: str) -> Traversable:
    """A folder of ``data/``: inside the package if it is installed, beside it in a checkout."""
    installed = files("pipeline") / "data" / name
    return installed if installed.is_dir() else Path(__file__).parents[1] / "data" / name
