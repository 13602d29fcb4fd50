"""Commands as a user gives them, and the Prefect server that they report to."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows.prefect_env import answers
from tests import prefect_database
from tests.processes import ROOT, answering, free_port, running, wait_until


@contextlib.contextmanager
def serve_prefect(home: Path, port: int = 0) -> Iterator[str]:
    """A real Prefect server on a loopback port, 0 for a free one; gives the address of its API."""
    prefect_database.fill(home)
    settings = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    port = port or free_port()
    url = f"http://127.0.0.1:{port}/api"
    with running(
        *(sys.executable, "-m", "prefect", "server", "start", "--no-ui"),
        *("--host", "127.0.0.1", "--port", str(port)),
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        wait_until(lambda: answers(url), server)
        yield url


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
    with answering(
        *(sys.executable, "-m", "tests.shell"),
        cwd=ROOT,
        env=os.environ | {"PREFECT_API_URL": prefect_server},
    ) as ask:

        def run(folder: Path, *arguments: str | Path, **env: str) -> Answer:
            asked = {
                "arguments": [str(one) for one in arguments],
                "folder": str(folder),
                "env": os.environ | {"PREFECT_API_URL": prefect_server, **env},
            }
            return Answer(**json.loads(ask(json.dumps(asked))))

        yield run


@contextlib.contextmanager
def start(
    prefect_server: str, folder: Path, *arguments: str | Path, **env: str
) -> Iterator[subprocess.Popen[str]]:
    """Start ``review-sentiment`` in a folder; it is ended with the block.

    A server of its own, which an empty address asks for, finds a new database in the workspace,
    unless its database is another one.
    """
    if not prefect_server and "REVIEW_SENTIMENT_DASHBOARD__DATABASE_URL" not in env:
        prefect_database.fill(folder / "data" / "workspace" / "prefect")
    with running(
        *(sys.executable, "-m", "flows", *map(str, arguments)),
        cwd=folder,
        env=os.environ | {"PREFECT_API_URL": prefect_server, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        yield process
