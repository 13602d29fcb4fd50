"""Where each artefact lives, and how it is written so that a kill at any moment loses nothing.

::

    workspace/
      reviews.db                      the review store
      memo/                           tokens of words, to save time
      <stage>/<key>/                  one folder for each distinct input of a stage
        ...                           what the stage wrote
        manifest.json                 written last: sha256 of every file beside it
      models.json                     the versions of the model, see pipeline.model.registry
      run.lock                        held by the run that is at work

The key is a hash of all that decides a stage's output: the content of its inputs, its settings
and the version of its code. A folder whose manifest is missing or does not fit its files counts
as not there, so an interrupted stage simply runs again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import InputError, SourceError, WorkspaceError

FREE_SPACE_NEEDED = 200 * 2**20
"""Bytes that must be free before a run starts: a demo run writes about a tenth of it."""


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


class Workspace:
    """A folder that everything a run writes lies below."""

    MEMO = "memo"

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).absolute()
        self._refreshed: set[str] = set()
        self._remade: set[tuple[str, str]] = set()

    def __repr__(self) -> str:
        return f"Workspace({str(self.root)!r})"

    @property
    def store_path(self) -> Path:
        """The review store's database."""
        return self.root / "reviews.db"

    @property
    def memo_folder(self) -> Path:
        """What tokenization remembers between runs."""
        return self.root / self.MEMO

    def check(self) -> None:
        """Make the folder and see that it can be written to.

        Raises:
            WorkspaceError: It cannot, or too little space is free.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with atomic_write(self.root / ".writable") as file:
                file.write(b"")
            (self.root / ".writable").unlink()
        except OSError as error:
            raise WorkspaceError(
                f"cannot write to the workspace {self.root}: {error.strerror}; "
                "choose another with --workspace DIR"
            ) from error
        free = shutil.disk_usage(self.root).free
        if free < FREE_SPACE_NEEDED:
            raise WorkspaceError(
                f"only {free / 2**20:.0f} MB are free for the workspace {self.root}, "
                f"{FREE_SPACE_NEEDED / 2**20:.0f} MB are needed; "
                "free some or choose another with --workspace DIR"
            )

    def folder(self, stage: str, key: str) -> Path:
        """Where a stage puts its files for one key; made, and rid of what a killed run left."""
        folder = self.root / stage / key
        folder.mkdir(parents=True, exist_ok=True)
        for leftover in folder.glob(".*-*"):
            process = leftover.stem.rpartition("-")[2]
            if process.isdecimal() and not is_alive(int(process)):
                leftover.unlink(missing_ok=True)
        return folder

    def refresh(self, stage: str) -> None:
        """Have a stage, or with ``all`` every stage after the crawl, do its work again once.

        What it has made for other inputs, such as earlier models, stays.

        Raises:
            InputError: There is no such stage.
        """
        made = {path.parent.parent.name for path in self.root.glob("*/*/manifest.json")} - {"crawl"}
        if stage != "all" and stage not in made:
            known = ", ".join(sorted(made)) or "none yet"
            raise InputError(f"no stage {stage} has made anything here; known stages: {known}")
        self._refreshed |= made if stage == "all" else {stage}

    def finished(self, stage: str, key: str) -> Manifest | None:
        """The manifest of a stage that is done and whose files are intact."""
        if stage in self._refreshed and (stage, key) not in self._remade:
            return None
        manifest = read_manifest(self.root / stage / key / "manifest.json")
        return manifest if manifest and manifest.is_intact() else None

    def finish(
        self, stage: str, key: str, files: list[str], rows: int, details: dict[str, Any]
    ) -> Manifest:
        """Write the manifest of files that the stage has put into its folder."""
        folder = self.root / stage / key
        manifest = Manifest(
            stage=stage,
            folder=folder,
            files={name: sha256_file(folder / name) for name in sorted(files)},
            rows=rows,
            details=details,
        )
        write_json(folder / "manifest.json", manifest.model_dump(mode="json", exclude={"folder"}))
        self._remade.add((stage, key))
        return manifest


def stage_key(version: int, *inputs: Manifest | BaseModel | str | None) -> str:
    """Key of a stage's output: its version, what it reads and how it is set."""
    parts = [
        part.digest
        if isinstance(part, Manifest)
        else part.model_dump(mode="json")
        if isinstance(part, BaseModel)
        else part
        for part in inputs
    ]
    return _hash_json([version, *parts])[:16]


def read_manifest(path: Path) -> Manifest | None:
    """The manifest in a file, whose folder is the one it lies in now; None if unreadable."""
    try:
        return Manifest(**json.loads(path.read_bytes()), folder=path.parent)
    except (OSError, ValueError, TypeError, ValidationError):
        return None


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` when the block ends without an error.

    For libraries that write files themselves; the suffix is kept.
    """
    temporary = path.with_name(f".{path.stem}-{os.getpid()}{path.suffix}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _fsync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a binary file that replaces ``path`` when the block ends without an error."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, atomically."""
    with atomic_write(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON with readable Hangul, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def sha256_file(path: Path) -> str:
    """Hexadecimal sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def explain_os_error(error: OSError) -> str | None:
    """One line for an error of the file system that the user can mend, None for others."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}:
        return None
    where = f" {error.filename}" if error.filename else ""
    return (
        f"cannot write{where}: {error.strerror}; make room or choose another --workspace DIR, "
        "then run the same command again: finished stages are kept"
    )


def _hash_json(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def is_alive(process: int) -> bool:
    """Whether this machine runs a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(name: str, stage: str) -> Path:
    raise KeyError(f"the stage {stage} wrote no {name}")
