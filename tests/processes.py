"""Processes started by tests; each is killed by its id, also when the test fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
"""Root of the project, from which ``python -m tests...`` works."""
LEASH = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
"""Prefix of a command that also stops it when the test process is killed."""

LISTENING = "0A"
"""State of a socket in ``/proc/net/tcp``."""


def run_code(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the project in a new interpreter; it must end well.

    Args:
        code: The program.
        folder: Working folder.
    """
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )


@contextlib.contextmanager
def running(*command: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command; kill it and its children when the block ends.

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


@contextlib.contextmanager
def answering(*command: str | Path, **options: Any) -> Iterator[Callable[[str], str]]:
    """Start a command that answers each line of stdin with one of stdout; see :func:`running`."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(*command, **pipes, **options) as process:
        questions, replies = process.stdin, process.stdout
        assert questions is not None
        assert replies is not None

        def ask(line: str) -> str:
            print(line, file=questions, flush=True)
            return replies.readline().rstrip("\n")

        yield ask


def wait_until(
    what: Callable[[], object],
    process: subprocess.Popen[str],
    seconds: float = 300,
    step: float = 0.1,
) -> None:
    """Poll a condition while a process runs; fail when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while not what():
        assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
        assert time.monotonic() < deadline, f"not within {seconds} s: {process.args!r}"
        time.sleep(step)


def free_port() -> int:
    """An unused port on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def environment_of(process: int) -> dict[str, str]:
    """Environment variables that a process was started with."""
    content = Path(f"/proc/{process}/environ").read_bytes().decode()
    return dict(one.split("=", 1) for one in content.split("\0") if "=" in one)


def listening_port(process: int) -> int | None:
    """The port that a process listens on over IPv4, None if there is none yet."""
    held = set()
    for one in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            held.add(str(one.readlink()))
    for line in Path(f"/proc/{process}/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        local, state, inode = fields[1], fields[3], fields[9]
        if state == LISTENING and f"socket:[{inode}]" in held:
            return int(local.partition(":")[2], 16)
    return None
