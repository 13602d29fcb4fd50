"""The dashboard: a Prefect server for the workspace and an HTTP server for its reports."""

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
TERMINATION_TIMEOUT_SECONDS = 0.5


def dashboard(workspace: Workspace, settings: DashboardSettings) -> None:
    """Run both servers until the process is stopped.

    Raises:
        RunError: A server does not start, for example because its port is in use, or the Prefect
            server stops.
    """
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    root = f"http://{host}:{settings.port}"
    if answers(f"{root}/api"):
        raise RunError(
            f"a Prefect server is already running at {root}: stop it, or change dashboard.port"
        )
    with _serve_reports(workspace.root / "report", settings.reports_port) as reports:
        server = subprocess.Popen(  # noqa: S603  (validated settings)
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
            raise RunError("the Prefect server stopped unexpectedly; see its messages above")
        finally:
            (workspace.root / DASHBOARD).unlink(missing_ok=True)
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Terminate the server and its child processes; kill them if they do not exit in time."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=TERMINATION_TIMEOUT_SECONDS)


def _environment(settings: DashboardSettings) -> dict[str, str]:
    environment = {
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "true",
        "PREFECT_SERVER_UI_API_URL": "/api",  # relative, so that any host name works
    }
    if auth := settings.auth.get_secret_value():
        environment["PREFECT_SERVER_API_AUTH_STRING"] = auth
    if url := settings.database_url.get_secret_value():
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
    return environment


@contextlib.contextmanager
def _serve_reports(folder: Path, port: int) -> Iterator[str]:
    """Serve the reports on loopback; yields the URL of the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = functools.partial(_ReportHandler, directory=str(folder))
    try:
        server = http.server.ThreadingHTTPServer((LOOPBACK, port), handler)
    except OSError as error:
        raise RunError(
            f"cannot serve the reports at {LOOPBACK}:{port}: {error.strerror}; "
            "change dashboard.reports_port"
        ) from error
    threading.Thread(target=server.serve_forever, name="reports", daemon=True).start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _ReportHandler(http.server.SimpleHTTPRequestHandler):
    """Serves report.html files only, and only for loopback Host headers (DNS rebinding)."""

    def send_head(self) -> object:  # type: ignore[override]
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in (LOOPBACK, "localhost") or not self.path.endswith("/report.html"):
            self.send_error(404)
            return None
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Do not log requests."""
