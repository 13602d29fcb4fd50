"""Commands as a user gives them, and the Prefect server that they report to."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests


@contextlib.contextmanager
def serve_prefect(home: Path) -> Iterator[str]:
    """A real Prefect server on a free loopback port; gives the address of its API."""
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    server = subprocess.Popen(
        [
            Path(sys.executable).parent / "prefect",
            *("server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"),
        ],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_healthy(f"{url}/health", server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, "the Prefect server ended"
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(url, timeout=5).ok:
                return
        time.sleep(0.2)
    pytest.fail("the Prefect server did not answer in two minutes")


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line after ``error:``, with all that stands below it."""
        return self.err.partition("error: ")[2]


Command = Callable[..., Answer]


@contextlib.contextmanager
def open_shell(prefect_server: str) -> Iterator[Callable[..., Answer]]:
    """Run commands in one process; each has its folder and environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.shell"],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PREFECT_API_URL": prefect_server},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    questions, answers = process.stdin, process.stdout
    assert questions is not None
    assert answers is not None

    def run(folder: Path, *arguments: str | Path, **env: str) -> Answer:
        asked = {
            "arguments": [str(one) for one in arguments],
            "folder": str(folder),
            "env": os.environ | {"PREFECT_API_URL": prefect_server, **env},
        }
        print(json.dumps(asked), file=questions, flush=True)
        return Answer(**json.loads(answers.readline()))

    try:
        yield run
    finally:
        process.kill()
        with process:  # closes its pipes
            pass


@contextlib.contextmanager
def start(
    prefect_server: str, folder: Path, *arguments: str | Path, **env: str
) -> Iterator[subprocess.Popen[str]]:
    """Start ``review-sentiment`` in a folder; it is ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": prefect_server, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
