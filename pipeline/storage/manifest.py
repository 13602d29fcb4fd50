"""What a stage wrote, and the key of what it read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import SourceError
from pipeline.storage.files import sha256_file


class Manifest(BaseModel):
    """What a stage made.

    Attributes:
        stage: Name of the stage.
        folder: Absolute path of the folder that holds the files.
        files: sha256 (hexadecimal) of each file, by its name in the folder.
        rows: Number of rows in the stage's table, or of examples it saw.
        details: Figures for people and for the report; never read by a cache key.
    """

    model_config = ConfigDict(frozen=True)

    stage: str
    folder: Path
    files: dict[str, str]
    rows: int
    details: dict[str, Any] = {}

    def path(self, name: str) -> Path:
        """The path of one of the files; KeyError when the stage did not write it."""
        return self.folder / name if name in self.files else _missing(name, self.stage)

    @property
    def digest(self) -> str:
        """Hash of the content of all files, the same wherever they lie."""
        return _hash_json([self.stage, self.files])

    def is_intact(self) -> bool:
        """Whether every file is there with the content it was written with."""
        return all(
            (self.folder / name).is_file() and sha256_file(self.folder / name) == digest
            for name, digest in self.files.items()
        )


class InputFile(BaseModel):
    """A file from outside that a stage reads; its content, not its path, is part of the key."""

    model_config = ConfigDict(frozen=True)

    path: Path = Field(exclude=True)
    sha256: str

    @classmethod
    def at(cls, path: Path) -> InputFile:
        """The file as it is now.

        Raises:
            SourceError: It cannot be read.
        """
        try:
            return cls(path=path, sha256=sha256_file(path))
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}") from error


def stage_key(version: int, *inputs: Any) -> str:
    """Key of a stage's output: its version, the content of its inputs and its settings.

    Args:
        version: Of the stage's code.
        *inputs: Manifests (by their digest), settings, files, plain values, and sequences and
            dataclasses of these.
    """
    return _hash_json([version, *map(_key_part, inputs)])[:16]


def _key_part(value: Any) -> Any:
    if isinstance(value, Manifest):
        return value.digest
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value):
        return [_key_part(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, list | tuple):
        return [_key_part(one) for one in value]
    return value


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a file, whose folder is the one it lies in now; None if unreadable."""
    try:
        return Manifest(**json.loads(path.read_bytes()), folder=path.parent)
    except (OSError, ValueError, TypeError, ValidationError):
        return None


def _hash_json(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _missing(name: str, stage: str) -> Path:
    raise KeyError(f"the stage {stage} wrote no {name}")
