"""A dashboard in a separate process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.commands import start
from tests.processes import free_port, wait_until


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard.

    Attributes:
        root: URL of Prefect's server.
        reports: URL of the reports.
        login: ``user:password``.
        folder: Where it was started.
    """

    root: str
    reports: str
    login: str
    folder: Path

    @property
    def auth(self) -> tuple[str, str]:
        """User and password."""
        user, _, password = self.login.partition(":")
        return user, password

    def ask(self, what: str, **body: Any) -> Any:
        """POST to the API and return its JSON response."""
        answer = requests.post(f"{self.root}/api/{what}", json=body, auth=self.auth, timeout=120)
        answer.raise_for_status()
        return answer.json()


@contextlib.contextmanager
def dashboard(folder: Path, login: str = "", **env: str) -> Iterator[Dashboard]:
    """Run a dashboard in a folder.

    Args:
        folder: Working folder.
        login: The login that it is expected to have; empty for a generated one.
        env: Environment variables.
    """
    port, reports = free_port(), free_port()
    ports = ("--set", f"dashboard.port={port}", "--set", f"dashboard.reports_port={reports}")
    workspace = folder / "data" / "workspace"
    with start("", folder, "dashboard", *ports, **env) as process:
        try:
            wait_until((workspace / "dashboard.json").exists, process)
            known = login or (workspace / "dashboard.login").read_text(encoding="ascii").strip()
            root = "http://127.0.0.1"
            yield Dashboard(f"{root}:{port}", f"{root}:{reports}", known, folder)
        finally:
            process.terminate()
            _, err = process.communicate(timeout=120)
    assert not (workspace / "dashboard.json").exists()
    assert known.partition(":")[2] not in err
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/api/health", timeout=60)
