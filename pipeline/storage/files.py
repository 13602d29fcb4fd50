"""Atomic file writes and file hashes."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO


@contextlib.contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path that replaces ``path`` if the block succeeds.

    For libraries that open files themselves. The temporary path has the suffix of ``path``.
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
    """Open a binary file for writing that replaces ``path`` if the block succeeds."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        yield file


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8 atomically."""
    with atomic_write(path) as file:
        file.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON atomically; Hangul is not escaped."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def explain_os_error(error: OSError) -> str | None:
    """Message for a file system error that the user can fix, None for other errors."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}:
        return None
    where = f" {error.filename}" if error.filename else ""
    return (
        f"cannot write{where}: {error.strerror}; free disk space or choose another "
        "--workspace DIR, then run the same command again (finished stages are kept)"
    )


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
