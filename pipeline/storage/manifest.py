"""Manifests of stage outputs and the cache keys of stages."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipeline.bounded_json import load_json
from pipeline.errors import SourceError, WorkspaceError
from pipeline.storage.files import sha256_file
from pipeline.storage.table_files import sha256_table


class Manifest(BaseModel):
    """Output of a stage.

    Attributes:
        stage: Name of the stage.
        folder: Absolute path of the folder that holds the files.
        files: SHA-256 (hexadecimal) of each file, by name relative to the folder.
        rows: Number of rows in the stage's table, or of examples it processed.
        details: Figures for the report and the log; not part of any cache key.
    """

    model_config = ConfigDict(frozen=True)

    stage: str
    folder: Path
    files: dict[str, str]
    rows: int
    details: dict[str, Any] = {}

    def path(self, name: str) -> Path:
        """Absolute path of one of the files.

        Raises:
            WorkspaceError: The manifest does not list this file.
        """
        if name not in self.files:
            raise WorkspaceError(
                f"{self.folder / 'manifest.json'} does not list {name}; delete the folder "
                f"{self.folder} and run the same command again"
            )
        return self.folder / name

    @property
    def digest(self) -> str:
        """SHA-256 of the stage's name and the content of all files; independent of the folder."""
        return _hash_json([self.stage, self.files])

    def is_intact(self) -> bool:
        """Whether every file exists and has its recorded SHA-256."""
        return next(self.changed_files(), None) is None

    def changed_files(self) -> Iterator[str]:
        """Names of the files that are missing or have another SHA-256 than recorded."""
        for name, digest in self.files.items():
            path = self.folder / name
            if not path.is_file() or sha256_file(path) != digest:
                yield name


class InputFile(BaseModel):
    """A user's table that a stage reads. Its content, not its path, is part of the stage's key."""

    model_config = ConfigDict(frozen=True)

    path: Path = Field(exclude=True)
    sha256: str

    @classmethod
    def at(cls, path: Path) -> InputFile:
        """Hash the file at a path.

        Raises:
            SourceError: The file cannot be read.
        """
        try:
            return cls(path=path, sha256=sha256_table(path))
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}") from error


def stage_key(version: int, *inputs: Any) -> str:
    """Cache key of a stage's output: 16 hexadecimal digits.

    Args:
        version: Version of the stage's code.
        *inputs: What the stage reads and its settings: manifests (hashed by content), settings,
            input files, plain values, and sequences and dataclasses of these.
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
    """Read a manifest file; its folder is the file's folder. None if missing or invalid."""
    try:
        return Manifest(**load_json(path.read_bytes()), folder=path.parent)
    except (OSError, ValueError, TypeError):
        return None


def _hash_json(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
