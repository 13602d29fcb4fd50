"""Processes that tests start: each ends by its id, whatever becomes of the test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
"""Where ``python -m tests...`` finds its module."""
LEASH = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
"""What a command begins with so that it ends even with a test process that was killed."""


@contextlib.contextmanager
def running(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command; it and all that it started are killed with the block.

    Args:
        command: Program and arguments.
        options: See :class:`subprocess.Popen`.
    """
    with subprocess.Popen(
        [*LEASH, *command], start_new_session=True, encoding="utf-8", **options
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_until(
    what: Callable[[], object],
    process: subprocess.Popen[str],
    seconds: float = 300,
    step: float = 0.1,
) -> None:
    """Look again and again until something is so, for as long as a process runs."""
    deadline = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"not within {seconds} s: {process.args!r}"
        time.sleep(step)


def free_port() -> int:
    """A port of loopback at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
