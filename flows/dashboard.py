"""The dashboard: a Prefect server for the workspace and an HTTP server for its reports."""

from __future__ import annotations

import logging
import os
import sys

from flows import console
from flows.login import FILE, login_of, set_login
from flows.prefect_env import DASHBOARD, answers
from flows.reports_server import serve_reports
from flows.server_process import PrefectServer, listen
from pipeline.errors import RunError
from pipeline.runtime import start_of
from pipeline.settings import DashboardSettings
from pipeline.storage.files import write_json
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.dashboard")


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
    login = login_of(workspace, settings)
    with serve_reports(workspace.root / "report", settings.reports_port, login) as reports:
        server = PrefectServer(
            listen("the dashboard", "dashboard", settings.host, settings.port),
            settings.host,
            settings.names,
            environment=_environment(settings, login, root),
        )
        try:
            server.start()
            server.wait_until_up(f"{root}/api")
            process = (os.getpid(), start_of(os.getpid()))
            known = {"api": f"{root}/api", "reports": reports, "process": process}
            write_json(workspace.root / DASHBOARD, known)
            logger.info("dashboard: %s", root)
            logger.info("reports: %s", reports)
            _show_login(workspace, settings, login)
            server.wait()
        finally:
            (workspace.root / DASHBOARD).unlink(missing_ok=True)
            server.terminate()


def _show_login(workspace: Workspace, settings: DashboardSettings, login: str) -> None:
    """Show a generated login on a terminal; a log gets only the name of its file."""
    if set_login(settings):
        logger.info("login: as set in dashboard.auth or PREFECT_SERVER_API_AUTH_STRING")
    elif sys.stderr.isatty():
        user, _, password = login.partition(":")
        console.line(f"login of the dashboard: {login}")
        console.line(f"login of the reports: user {user}, password {password}")
    else:
        logger.info("login: see %s", workspace.root / FILE)


def _environment(settings: DashboardSettings, login: str, root: str) -> dict[str, str]:
    environment = {
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "true",
        "PREFECT_SERVER_UI_API_URL": "/api",  # relative, so that any host name works
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": root,
    }
    if url := settings.database_url.get_secret_value():
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = url
    return environment
