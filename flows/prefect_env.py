"""Environment variables that Prefect reads on import, and the addresses of the dashboard."""

from __future__ import annotations

import base64
import json
import os
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flows.login import login_of
from pipeline.errors import SettingsError
from pipeline.runtime import is_same
from pipeline.settings import DashboardSettings
from pipeline.storage.workspace import Workspace

DASHBOARD = "dashboard.json"
"""File of the workspace with the URLs of the dashboard; exists while the dashboard runs."""
HEALTH_TIMEOUT_SECONDS = 2.0
LOGIN_TIMEOUT_SECONDS = 30.0
TAG = "review-sentiment"
"""Tag of all flow runs, for filtering in the dashboard."""

_refused = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def configure(workspace: Workspace, settings: DashboardSettings, *, debug: bool) -> None:
    """Set defaults for Prefect; variables that the user has set are kept.

    Prefect's state is stored below the workspace, and analytics are off. If the workspace's
    dashboard is running, flow runs report to it with its login. Requests to this machine use no
    proxy. Child processes do not import from the working folder, which may contain packages with
    the same names.

    Args:
        workspace: The workspace.
        settings: Settings of the dashboard.
        debug: Show Prefect's own log on the terminal.
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
    own = _addresses(workspace).get("api", "")
    api = os.environ.get("PREFECT_API_URL") or (own if own and answers(own) else "")
    if api:
        defaults["PREFECT_API_URL"] = api
    is_own = bool(own) and _spelled_alike(api) == _spelled_alike(own)
    login = login_of(workspace, settings) if is_own else settings.auth.get_secret_value()
    if login:
        defaults["PREFECT_API_AUTH_STRING"] = login
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
    _use_no_proxy("127.0.0.1", "localhost", "::1", settings.host)


def keep_private() -> None:
    """Make new files of this process readable only by their owner."""
    os.umask(0o077)


def answers(api: str) -> bool:
    """Whether a Prefect server responds at this API URL."""
    import urllib.error
    import urllib.request

    try:
        with urllib.request.build_opener().open(f"{api}/health", timeout=HEALTH_TIMEOUT_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code in _refused  # running, but requires a login
    except (OSError, ValueError):
        return False


def check_server() -> None:
    """Check that the configured Prefect server responds and accepts the login.

    Raises:
        SettingsError: It does not respond, or refuses the login.
    """
    import urllib.error
    import urllib.request

    api = os.environ.get("PREFECT_API_URL", "")
    if not api or not answers(api):
        raise SettingsError(
            f"no Prefect server responds{f' at {api}' if api else ''}: start one with "
            "`review-sentiment dashboard`, or set PREFECT_API_URL to yours"
        )
    request = urllib.request.Request(f"{api}/admin/version")  # noqa: S310
    if login := os.environ.get("PREFECT_API_AUTH_STRING", ""):
        token = base64.b64encode(login.encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    elif os.environ.get("PREFECT_API_KEY"):
        return
    try:
        urllib.request.build_opener().open(request, timeout=LOGIN_TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        if error.code in _refused:
            raise SettingsError(
                f"the Prefect server at {api} rejects the login: set PREFECT_API_AUTH_STRING to "
                "its user:password, or REVIEW_SENTIMENT_DASHBOARD__AUTH to the value that the "
                "dashboard has"
            ) from error
    except OSError as error:
        raise SettingsError(
            f"the Prefect server at {api} does not respond: {error}; check PREFECT_API_URL"
        ) from error


def link_to(report: Path, workspace: Workspace) -> str:
    """URL of a report: over HTTP if the dashboard is running, else a ``file://`` URL."""
    known = _addresses(workspace)
    if known and answers(known["api"]):
        below = report.relative_to(workspace.root / "report")
        return f"{known['reports']}/{below.as_posix()}"
    return report.as_uri()


def _addresses(workspace: Workspace) -> dict[str, Any]:
    """The content of ``dashboard.json``, empty if its dashboard has ended.

    A killed dashboard leaves its file behind, and another program may listen on its ports.
    """
    try:
        known = dict(json.loads((workspace.root / DASHBOARD).read_bytes()))
        process, started = known["process"]
        return known if is_same(process, started) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _spelled_alike(api: str) -> str:
    return api.rstrip("/").replace("//localhost:", "//127.0.0.1:")


def _use_no_proxy(*hosts: str) -> None:
    """Add hosts that every HTTP client accesses without a proxy."""
    known = [one for name in ("no_proxy", "NO_PROXY") for one in _list(os.environ.get(name, ""))]
    if "*" not in known:
        known.extend(host for host in hosts if host not in known)
    value = ",".join(dict.fromkeys(known))
    os.environ |= {"no_proxy": value, "NO_PROXY": value}


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
