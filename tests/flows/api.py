"""``api`` in a separate process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from pipeline.storage.workspace import Workspace
from tests.processes import free_port, running, wait_until

TOKEN = "a-token-of-32-characters-or-more"  # noqa: S105
VARIABLE = "REVIEW_SENTIMENT_API__TOKEN"


def workspace_of(folder: Path) -> Workspace:
    """The workspace that commands use in a folder."""
    return Workspace(folder / "data" / "workspace")


@dataclass(frozen=True)
class Api:
    """A running server.

    Attributes:
        url: Its root.
        log: File of its standard error.
        process: The process.
    """

    url: str
    log: Path
    process: subprocess.Popen[str]

    def predict(self, **body: Any) -> requests.Response:
        """POST to ``/predict``."""
        return requests.post(f"{self.url}/predict", json=body, timeout=120)

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET a path."""
        return requests.get(self.url + path, timeout=120, **options)


@contextlib.contextmanager
def serve_api(
    folder: Path, *settings: str, stop: int = signal.SIGTERM, **env: str
) -> Iterator[Api]:
    """Serve the workspace of a folder; checks that the server ends well.

    Args:
        folder: Working folder.
        settings: Assignments ``section.key=value``.
        stop: Signal that ends the server.
        env: Environment variables.
    """
    port = free_port()
    changes = [part for one in (f"api.port={port}", *settings) for part in ("--set", one)]
    log = folder / f"api-{port}.log"
    with (
        log.open("wb") as output,
        running(
            *(sys.executable, "-m", "flows", "api", *changes),
            cwd=folder,
            env=os.environ | env,
            stderr=output,
        ) as process,
    ):
        api = Api(f"http://127.0.0.1:{port}", log, process)
        wait_until(lambda: is_up(api), process)
        yield api
        if process.poll() is None:
            process.send_signal(stop)
        assert process.wait(timeout=120) == 0, log.read_text(encoding="utf-8")


def is_up(api: Api) -> bool:
    """Whether the server responds."""
    with contextlib.suppress(requests.ConnectionError):
        return api.get("/health").ok
    return False
