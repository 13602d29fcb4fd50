"""The kinds of prediction targets, and functions to load a saved target."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from pipeline.target.base import Target
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.target.three import Three

CLASSES: dict[str, Binary | Three] = {"binary": BINARY, "three": Three()}
AnyTarget = Annotated[Binary | Three | Score, Field(discriminator="kind")]


def read_target(path: Path) -> Target:
    """Read a ``target.json``."""
    return TypeAdapter[Target](AnyTarget).validate_json(path.read_bytes())


def target_from(saved: dict[str, Any]) -> Target:
    """The target of a JSON object."""
    return TypeAdapter[Target](AnyTarget).validate_python(saved)
