"""Access control of the API: checks host, origin and token of each request, and counts requests."""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.api.metrics import OTHER, Metrics
from flows.request_guard import RequestGuard

HEADERS = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]
"""Headers added to each response."""


def problem(
    status: HTTPStatus | int, sentence: str, headers: dict[str, str] | None = None
) -> Response:
    """An error response that gives the reason in one sentence."""
    return JSONResponse({"detail": sentence}, status, headers)


class Gate:
    """ASGI middleware that refuses foreign hosts, pages of other sites, and wrong tokens."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        guard: RequestGuard,
        token: str,
        metrics: Metrics,
        served: Collection[str],
        public: Collection[str],
    ) -> None:
        """Wrap an app.

        Args:
            app: The app.
            guard: Knows the hosts and origins.
            token: Bearer token for all paths except the public ones; empty for none.
            metrics: Counts the requests.
            served: Paths that are served.
            public: Paths that need no token.
        """
        self._app, self._guard, self._metrics = app, guard, metrics
        self._token = token.encode()
        self._served, self._public = frozenset(served), frozenset(public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, started = HTTPStatus.INTERNAL_SERVER_ERROR.value, time.perf_counter()

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        try:
            await (self._refusal(scope) or self._app)(scope, receive, send_on)
        finally:
            path = scope["path"] if scope["path"] in self._served else OTHER
            self._metrics.count_request(path, status, time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope).items()
        if refused := self._guard.refusal(scope["method"], headers):
            return problem(*refused)
        if not self._token or scope["path"] in self._public:
            return None
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) == 1:
            scheme, _, token = given[0].partition(b" ")
            if scheme.lower() == b"bearer" and secrets.compare_digest(token.strip(), self._token):
                return None
        return problem(
            HTTPStatus.UNAUTHORIZED,
            "send the token as Authorization: Bearer TOKEN",
            {"WWW-Authenticate": "Bearer"},
        )
