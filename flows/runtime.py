"""The environment that Prefect reads when it is first imported."""

from __future__ import annotations

import os

from pipeline.workspace import Workspace


def configure(workspace: Workspace, *, debug: bool) -> None:
    """Set what the user has not set: state below the workspace, no analytics, no chatter.

    Prefect's own log goes to its dashboard; on the terminal it shows only with ``debug``.
    """
    defaults = {
        "PREFECT_HOME": str(workspace.root / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "pipeline",
        "PREFECT_LOGGING_COLORS": "false",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "NOTSET" if debug else "CRITICAL",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
