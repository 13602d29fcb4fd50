"""The environment that Prefect reads when it is first imported."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

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


def leave(status: int) -> NoReturn:
    """End the process at once, and the server that Prefect started for the time of the run.

    Asked politely, that server takes up to five seconds, and Python one more.
    """
    if module := sys.modules.get("prefect.server.api.server"):
        for server in module.SubprocessASGIServer._instances.values():
            if server.server_process is not None:
                server.server_process.kill()
                server.server_process.wait()
    sys.stdout.flush()
    os._exit(status)
