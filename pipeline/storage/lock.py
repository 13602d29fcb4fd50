"""Workspace lock: one run at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pipeline.errors import WorkspaceError
from pipeline.storage.files import PRIVATE
from pipeline.storage.workspace import Workspace

logger = logging.getLogger(__name__)

LOCK_POLL_SECONDS = 1.0


@contextlib.contextmanager
def hold(workspace: Workspace, *, wait: bool = False, owner: str = "") -> Iterator[None]:
    """Hold the lock of a workspace while the block runs.

    The operating system releases the lock when the process ends, even if it is killed.

    Args:
        workspace: Workspace to lock.
        wait: Wait for another run to finish instead of raising.
        owner: Name of this run, which :func:`holder` returns to other processes.

    Raises:
        WorkspaceError: Another run holds the lock and ``wait`` is False.
    """
    path, logged = workspace.root / "run.lock", False
    while (file := _acquire(path)) is None:
        other = _describe(holder(workspace))
        if not wait:
            raise WorkspaceError(
                f"{other} is using the workspace {workspace.root}; "
                "wait until it finishes or choose another workspace with --workspace DIR"
            )
        if not logged:
            logger.info("waiting for %s", other)
            logged = True
        time.sleep(LOCK_POLL_SECONDS)
    with file:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        file.truncate(0)
        json.dump({"process": os.getpid(), "owner": owner, "since": since}, file)
        file.flush()
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def holder(workspace: Workspace) -> dict[str, Any] | None:
    """The run that holds the lock: ``process`` (id), ``owner`` and ``since`` (ISO time).

    Returns:
        None if no run holds the lock; an empty dict if the run has not written its details yet.
    """
    try:
        with _open(workspace.root / "run.lock", os.O_RDONLY) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return dict(json.loads(file.read() or "{}"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return None


def _acquire(path: Path) -> IO[str] | None:
    """The locked file, None if another run holds the lock."""
    while True:
        try:
            file = _open(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise WorkspaceError(
                f"cannot lock the workspace with {path}: {_reason(error)}; "
                "delete it or choose another workspace with --workspace DIR"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            pass
        file.close()  # the previous holder deleted the file in the meantime


def _open(path: Path, flags: int) -> IO[str]:
    """Open a private file; never the target of a symbolic link."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    mode = "r" if flags == os.O_RDONLY else "r+"
    return os.fdopen(descriptor, mode, encoding="utf-8")


def _reason(error: OSError) -> str:
    return "it is a symbolic link" if error.errno == errno.ELOOP else str(error.strerror)


def _describe(other: dict[str, Any] | None) -> str:
    if not other:
        return "another run"
    return f"another run (process {other['process']}, since {other['since']})"
