"""The API's server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket

import uvicorn

from flows.api.app import make_app
from flows.api.champion import Champion
from flows.server_process import listen
from flows.signals import Terminated
from pipeline.settings import ApiSettings
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.api")

DRAIN_SECONDS = 0.5
"""When stopping, the server reads from idle connections for this time, because a request may be on
its way."""
STOP_SECONDS = 30
"""Time limit for answering accepted requests; then their connections are closed."""
IDLE_SECONDS = 30
MAX_CONNECTIONS = 800
"""Further connections get status 503; a process may usually open 1,024 files."""


def serve_api(workspace: Workspace, settings: ApiSettings) -> None:
    """Answer requests until SIGINT or SIGTERM, then finish the accepted requests.

    Raises:
        RunError: The address is in use, or it is not an address of this machine.
        WorkspaceError: No version is the champion, or its files are missing or were changed.
    """
    with listen("the API", "api", settings.host, settings.port) as listener:
        app = make_app(Champion(workspace), settings)
        config = uvicorn.Config(
            app,
            http="httptools",
            loop="uvloop",
            ws="none",
            access_log=False,
            log_config=None,
            log_level="critical",
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        logger.info("listening at http://%s:%s/predict", host, listener.getsockname()[1])
        signal.set_wakeup_fd(-1)  # from now on the server itself handles signals
        with contextlib.suppress(KeyboardInterrupt, Terminated):  # raised again after it has ended
            _Server(config).run([listener])
    logger.info("stopped")


class _Server(uvicorn.Server):
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting connections, close each after its next answer, then close the rest."""
        for listener in self.servers:
            listener.close()
        self.server_state.default_headers.append((b"connection", b"close"))
        await asyncio.sleep(DRAIN_SECONDS)
        await super().shutdown(sockets)
