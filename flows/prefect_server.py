"""Program of our own Prefect server: ``python -m flows.prefect_server FD HOST NAME...``.

It serves Prefect's app on a socket that the command has bound, behind a
:class:`~flows.request_guard.RequestGuard`. It ends with the command, even if that is killed: its
stdin is a pipe whose other end only the command holds. If it cannot start, it writes the cause to
stdout, on one line.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flows.request_guard import RequestGuard
from pipeline.runtime import importing
from pipeline.storage.damage import REPAIR

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

NOT_STARTED = 3
CONFINING = (
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", b"connect-src 'self'"),
)


class GuardedApp:
    """An ASGI app that answers only the requests that its guard allows.

    Attributes:
        failure: The error that prevented the start of the app; None if there was none.
    """

    def __init__(self, app: ASGIApp, guard: RequestGuard) -> None:
        self._app, self._guard = app, guard
        self.failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or forward the start and shutdown events of the server."""
        if scope["type"] == "lifespan":
            try:
                await self._app(scope, receive, send)
            except Exception as error:
                self.failure = error
                raise
            return
        headers = [
            (name.decode("latin-1"), text.decode("latin-1")) for name, text in scope["headers"]
        ]
        refused = self._guard.refusal(scope.get("method", "GET"), headers)
        if refused is None:
            await self._app(scope, receive, _confined(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, reason = refused
            text = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": status.value, "headers": text})
            await send({"type": "http.response.body", "body": f"{reason}\n".encode()})


def _confined(send: Send) -> Send:
    """Forbid showing a response in a frame of other sites, and scripts to contact other hosts.

    Prefect's pages contact an analytics service even if analytics are off.
    """

    async def forward(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message.get("headers", ()), *CONFINING]}
        await send(message)

    return forward


def serve(descriptor: int, guard: RequestGuard) -> None:
    """Serve until a signal or the end of the command.

    Raises:
        Exception: The error of Prefect's app, if it could not start.
    """
    with importing():
        import uvicorn
        from prefect.server.api.server import create_app

    app = GuardedApp(create_app(), guard)
    config = uvicorn.Config(app, lifespan="on", log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[socket.socket(fileno=descriptor)])
    except SystemExit:
        if app.failure is None:
            raise
    if app.failure is not None:
        raise app.failure


def cause(error: BaseException) -> str:
    """Why the server did not start, on one line and without passwords."""
    error = getattr(error, "orig", None) or error  # from SQLAlchemy
    first = (str(error).strip().splitlines() or [""])[0]
    named = f"{type(error).__name__}: {first}" if first else type(error).__name__
    if isinstance(error, sqlite3.DatabaseError) and any(
        word in first for word in ("malformed", "not a database", "disk I/O")
    ):
        return f"its database {_database_file()} is damaged: {first}; {REPAIR}"
    if _is_of_the_database(error):
        return (
            f"it cannot open its database ({named}): check dashboard.database_url and "
            "PREFECT_SERVER_DATABASE_CONNECTION_URL"
        )
    return named


def _is_of_the_database(error: BaseException) -> bool:
    origin = type(error).__module__.partition(".")[0]
    return isinstance(error, (sqlite3.Error, OSError)) or origin in ("sqlalchemy", "asyncpg")


def _database_file() -> str:
    from prefect.settings import get_current_settings

    url = get_current_settings().server.database.connection_url
    return url.get_secret_value().partition("///")[2] if url else "prefect.db"


def _end_with_the_command() -> None:
    os.read(0, 1)  # nothing is ever written, so it returns when the other end is closed
    os._exit(0)


def main(arguments: Sequence[str]) -> int:
    """Serve; return the exit status."""
    descriptor, host, *names = arguments
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as report:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            serve(int(descriptor), RequestGuard(host, frozenset(names)))
        except Exception as error:
            report.write(cause(error))
            return NOT_STARTED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
