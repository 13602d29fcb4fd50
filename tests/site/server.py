"""The test server and its record of requests."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.site.replies import Answer, Reply


@dataclass(frozen=True)
class Asked:
    """A received request; ``at`` is on the monotonic clock, ``client`` the peer's address."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    client: tuple[str, int]


@dataclass
class Site:
    """A running server.

    Attributes:
        url: URL without a trailing slash.
        answers: Response, or sequence of responses, by path and query; 404 for other paths. The
            last response of a sequence repeats.
        requests: Requested paths, in order.
        asked: The requests in full.
    """

    url: str
    answers: dict[str, Reply | Sequence[Reply]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Port of the server."""
        return int(self.url.rpartition(":")[2])

    def pages(self) -> list[str]:
        """The paths of pages that were requested since the last call, in order."""
        found = [path for path in self.requests if path != "/robots.txt"]
        self.requests.clear()
        return found


@contextlib.contextmanager
def serve(context: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve while the block runs; over TLS if a context is given."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.site.url = server.site.url.replace("http:", "https:")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.site
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
            server.hang_up()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, *args: Any) -> None:
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.connections: set[socket.socket] = set()
        super().__init__(*args)
        self.site = Site(f"http://127.0.0.1:{self.server_address[1]}")

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close without shutting down first, so that SO_LINGER causes a reset."""
        with self.lock:
            self.connections.discard(request)
            request.close()

    def hang_up(self) -> None:
        """Close all open connections."""
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore disconnecting clients."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def next_reply(self, asked: Asked) -> Reply:
        with self.lock:
            self.site.asked.append(asked)
            self.site.requests.append(asked.path)
            replies = self.site.answers.get(asked.path, Answer(status=404))
            if not isinstance(replies, Sequence):
                return replies
            turn = min(self.counts[asked.path], len(replies) - 1)
            self.counts[asked.path] += 1
            return replies[turn]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True  # avoids a delay of 40 ms per response (delayed ACK)

    def do_GET(self) -> None:
        at = time.monotonic()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        asked = Asked(self.command, self.path, headers, body, at, self.client_address)
        self.server.next_reply(asked).send(self, self.server.closing)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Do not log requests."""
