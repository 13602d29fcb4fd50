"""The workspace's Prefect server and its reports over HTTP, on loopback."""

from __future__ import annotations

import contextlib
import functools
import http.server
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from flows.ephemeral_server import wait_until_up
from flows.prefect_env import DASHBOARD, answers
from pipeline.errors import RunError
from pipeline.settings import DashboardSettings
from pipeline.storage.files import write_json
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.dashboard")

LOOPBACK = "127.0.0.1"
SECONDS_TO_END = 0.5


def dashboard(workspace: Workspace, settings: DashboardSettings) -> None:
    """Run both until the process is ended.

    Raises:
        RunError: The server does not start, as when its port is taken, or ends by itself.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    root = f"http://{host}:{settings.port}"
    if answers(f"{root}/api"):
        raise RunError(
            f"a Prefect server is up at {root} already: end it, or set dashboard.port to another"
        )
    with _reports(workspace.root / "report", settings.reports_port) as reports:
        server = subprocess.Popen(  # noqa: S603  (its arguments are checked settings)
            [
                *(sys.executable, "-m", "prefect", "server", "start"),
                *("--host", settings.host, "--port", str(settings.port)),
            ],
            env=os.environ | _environment(settings),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until_up(server, f"{root}/api")
            write_json(workspace.root / DASHBOARD, {"api": f"{root}/api", "reports": reports})
            logger.info("dashboard: %s", root)
            logger.info("reports: %s", reports)
            server.wait()
            raise RunError("the Prefect server ended by itself; see its messages above")
        finally:
            (workspace.root / DASHBOARD).unlink(missing_ok=True)
            _end(server)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the server with what it has started, before this process itself has to end."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=SECONDS_TO_END)


def _environment(settings: DashboardSettings) -> dict[str, str]:
    environment = {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "true",
        "PREFECT_SERVER_UI_API_URL": "/api",  # by whatever name the page was reached
    }
    if auth := settings.auth.get_secret_value():
        environment["PREFECT_SERVER_API_AUTH_STRING"] = auth
    if url := settings.database_url.get_secret_value():
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
    return environment


@contextlib.contextmanager
def _reports(folder: Path, port: int) -> Iterator[str]:
    """Serve the reports, and nothing else of the workspace, on loopback; gives their address."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(_ReportHandler, directory=str(folder))
    try:
        server = http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        raise RunError(
            f"the reports cannot be served at {LOOPBACK}:{port}: {error.strerror}; "
            "set dashboard.reports_port to another"
        ) from error
    threading.Thread(target=server.serve_forever, name="reports", daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _ReportHandler(http.server.SimpleHTTPRequestHandler):
    """Files alone: no listing of folders, and only for who asks for this host by its address."""

    def send_head(self) -> object:  # type: ignore[override]
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in (LOOPBACK, "localhost") or not self.path.endswith("/report.html"):
            self.send_error(404)
            return None
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
