"""The environment that Prefect reads when it is first imported."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

from pipeline.storage.workspace import Workspace

DASHBOARD = "dashboard.json"
"""Where the workspace's dashboard says its addresses, for as long as it is up."""
SECONDS_TO_ANSWER = 2.0
TAG = "review-sentiment"
"""Of all runs, by which a dashboard finds them."""


def configure(workspace: Workspace, *, debug: bool, auth: str = "") -> None:
    """Set what the user has not set: state below the workspace, no analytics, no chatter.

    Prefect's own log goes to its dashboard; on the terminal it shows only with ``debug``. When
    the workspace's dashboard is up, runs report to it, with the ``auth`` that it asks for.

    Processes that this one starts do not import from the working folder, which may have packages
    of the same names.
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
    """Let what this process writes be read by its owner alone."""
    os.umask(0o077)


def answers(api: str) -> bool:
    """Whether a Prefect server is up at the address of its API."""
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=SECONDS_TO_ANSWER):  # noqa: S310
            return True
    except urllib.error.HTTPError as error:
        return error.code in (401, 403)  # up, and asks who is there
    except (OSError, ValueError):
        return False


def link_to(report: Path, workspace: Workspace) -> str:
    """Where a report is read: over HTTP when the dashboard is up, else its file."""
    known = _addresses(workspace)
    if known and answers(known["api"]):  # one that was killed has left its addresses
        below = report.relative_to(workspace.root / "report")
        return f"{known['reports']}/{below.as_posix()}"
    return report.as_uri()


def _addresses(workspace: Workspace) -> dict[str, str]:
    try:
        return dict(json.loads((workspace.root / DASHBOARD).read_bytes()))
    except (OSError, ValueError):
        return {}
