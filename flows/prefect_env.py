"""Environment variables that Prefect reads on import, and the URLs of the dashboard."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

from pipeline.storage.workspace import Workspace

DASHBOARD = "dashboard.json"
"""File of the workspace with the URLs of the dashboard; exists while the dashboard runs."""
HEALTH_TIMEOUT_SECONDS = 2.0
TAG = "review-sentiment"
"""Tag of all flow runs, for filtering in the dashboard."""


def configure(workspace: Workspace, *, debug: bool, auth: str = "") -> None:
    """Set defaults for Prefect; variables that the user has set are kept.

    Prefect's state goes below the workspace and analytics are off. If the workspace's dashboard
    is running, flow runs report to it. Child processes do not import from the working folder,
    which may have packages of the same names.

    Args:
        workspace: The workspace.
        debug: Show Prefect's own log on the terminal.
        auth: Login of the dashboard, as ``user:password``; empty for none.
    """
    if not os.environ.get("PREFECT_API_URL"):
        os.environ.pop("PREFECT_API_URL", None)
    defaults = {
        "PREFECT_HOME": str(workspace.root / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONSAFEPATH": "1",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "pipeline",
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "NOTSET" if debug else "CRITICAL",
    }
    api = _addresses(workspace).get("api", "")
    if "PREFECT_API_URL" not in os.environ and api and answers(api):
        defaults["PREFECT_API_URL"] = api
    if auth:
        defaults["PREFECT_API_AUTH_STRING"] = auth
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def keep_private() -> None:
    """Make new files of this process readable by their owner only."""
    os.umask(0o077)


def answers(api: str) -> bool:
    """Whether a Prefect server responds at this API URL."""
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=HEALTH_TIMEOUT_SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)  # running, but requires a login
    except (OSError, ValueError):
        return False


def link_to(report: Path, workspace: Workspace) -> str:
    """URL of a report: over HTTP if the dashboard is running, else a ``file://`` URL."""
    known = _addresses(workspace)
    if known and answers(known["api"]):  # a killed dashboard leaves its file behind
        below = report.relative_to(workspace.root / "report")
        return f"{known['reports']}/{below.as_posix()}"
    return report.as_uri()


def _addresses(workspace: Workspace) -> dict[str, str]:
    try:
        return dict(json.loads((workspace.root / DASHBOARD).read_bytes()))
    except (OSError, ValueError):
        return {}
