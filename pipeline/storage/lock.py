"""One run at a time in a workspace."""

from __future__ import annotations

import contextlib
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
from pipeline.storage.workspace import Workspace

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_TRIES = 1.0


@contextlib.contextmanager
def hold(workspace: Workspace, *, wait: bool = False, owner: str = "") -> Iterator[None]:
    """Keep other runs out of a workspace for the time of the block.

    The operating system frees the lock when the process ends, however it ends.

    Args:
        workspace: Where the run writes.
        wait: Wait for a run that is there already.
        owner: What the run is called, for others to read.

    Raises:
        WorkspaceError: Another run is there, and ``wait`` is not set.
    """
    path, told = workspace.root / "run.lock", False
    while (file := _take(path)) is None:
        other = _describe(holder(workspace))
        if not wait:
            raise WorkspaceError(
                f"{other} is at work in the workspace {workspace.root}; "
                "wait for its end or choose another workspace with --workspace DIR"
            )
        if not told:
            logger.info("waiting for %s", other)
            told = True
        time.sleep(SECONDS_BETWEEN_TRIES)
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
    """The ``process``, the ``owner`` and the begin of the run that is at work; None: none is."""
    try:
        with (workspace.root / "run.lock").open("r", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return dict(json.loads(file.read() or "{}"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return None


def _take(path: Path) -> IO[str] | None:
    """The locked file; None while another run has it."""
    while True:
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            pass
        file.close()  # deleted meanwhile by the run that had it


def _describe(other: dict[str, Any] | None) -> str:
    if not other:
        return "another run"
    return f"another run (process {other['process']}, since {other['since']})"
