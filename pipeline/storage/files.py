"""Atomic file writes, private files and file hashes."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipeline.runtime import is_alive

PRIVATE, PUBLIC = 0o600, 0o666
"""Modes of new files: for their owner only, or as the umask allows."""
_unfinished: set[Path] = set()


@contextlib.contextmanager
def atomic_path(path: Path, mode: int = PRIVATE) -> Iterator[Path]:
    """Yield the path of an empty temporary file that replaces ``path`` if the block succeeds.

    For libraries that open files themselves. The temporary path has the suffix of ``path``. The
    temporary files that killed processes left for the same ``path`` are deleted.
    """
    temporary = path.with_name(f".{path.stem}.part-{os.getpid()}{path.suffix}")
    for left in path.parent.glob(f".{glob.escape(path.stem)}.part-*{glob.escape(path.suffix)}"):
        process = left.stem.rpartition("-")[2]
        if process.isdecimal() and (left == temporary or not is_alive(int(process))):
            left.unlink(missing_ok=True)
    create(temporary, mode)
    _unfinished.add(temporary)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
        _fsync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
        _unfinished.discard(temporary)


def delete_unfinished() -> None:
    """Delete the temporary files of this process, which is about to exit without clean-up."""
    for path in list(_unfinished):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def create(path: Path, mode: int = PRIVATE) -> None:
    """Create an empty file.

    Raises:
        FileExistsError: There is a file or a symbolic link already.
    """
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode))


def create_database_file(path: Path) -> None:
    """Create an empty private file for SQLite, unless there is one.

    An existing file is not opened: closing it would release the locks of SQLite in this process.

    Raises:
        OSError: There is a symbolic link at ``path``, or the file cannot be created.
    """
    try:
        create(path)
    except FileExistsError:
        refuse_link(path)


def refuse_link(path: Path) -> None:
    """Raise an error for a symbolic link, which could lead to a file outside the workspace.

    Raises:
        OSError: With errno ``ELOOP``.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link; delete the link", str(path))


@contextlib.contextmanager
def atomic_write(path: Path, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """Open a binary file for writing that replaces ``path`` if the block succeeds."""
    with atomic_path(path, mode) as temporary, temporary.open("wb") as file:
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
    if error.errno in {errno.ELOOP, errno.ENAMETOOLONG}:
        return f"{error.filename}: {error.strerror}"
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
