"""Scripted responses of the test server."""

from __future__ import annotations

import functools
import socket
import struct
import threading
import zlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Protocol

MEGABYTE = 1_000_000
BLOCK = 16 * MEGABYTE


class Reply(Protocol):
    """A response to a request."""

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        """Send the response; ``closing`` is set when the server shuts down."""


@dataclass(frozen=True)
class Answer:
    """A complete response; a wrong ``Content-Length`` in ``headers`` makes it truncated."""

    body: bytes | str = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        headers = {"Content-Length": str(len(body)), **self.headers}
        if headers["Content-Length"] != str(len(body)):
            handler.close_connection = True
        _send_head(handler, self.status, headers)
        handler.wfile.write(body)


def redirect(location: str, status: int = 302) -> Answer:
    """A redirect."""
    return Answer(status=status, headers={"Location": location})


@dataclass(frozen=True)
class Reset:
    """Resets the connection, before the head or after ``after`` bytes of a body of 1,000."""

    after: int | None = None

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        if self.after is not None:
            _send_head(handler, 200, {"Content-Length": "1000"})
            handler.wfile.write(b"x" * self.after)
            handler.wfile.flush()
        linger = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True


@dataclass(frozen=True)
class Silence:
    """Accepts the request and never responds."""

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        handler.close_connection = True
        closing.wait(60)


@dataclass(frozen=True)
class Drip:
    """Sends single bytes endlessly: in the ``body``, the ``head`` or a ``chunk`` size."""

    interval: float
    where: str = "body"

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        handler.close_connection = True
        if self.where == "head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        elif self.where == "chunk":
            _send_head(handler, 200, {"Transfer-Encoding": "chunked"})
        else:
            _send_head(handler, 200, {})
        while not closing.is_set():
            handler.wfile.write(b"0")
            handler.wfile.flush()
            closing.wait(self.interval)


@dataclass(frozen=True)
class Late:
    """A delayed response."""

    seconds: float
    answer: Answer

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        closing.wait(self.seconds)
        self.answer.send(handler, closing)


@dataclass(frozen=True)
class Flood:
    """A body of some megabytes without Content-Length."""

    megabytes: int

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        handler.close_connection = True
        _send_head(handler, 200, {"Content-Type": "text/html"})
        for _ in range(self.megabytes):
            handler.wfile.write(b"x" * MEGABYTE)


@dataclass(frozen=True)
class Bomb:
    """A small gzip body that decompresses to some megabytes of zeros."""

    megabytes: int
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @functools.cached_property
    def packed(self) -> bytes:
        """The compressed body: one independent block, repeated."""
        compressor = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        head = compressor.compress(b"") + compressor.flush(zlib.Z_FULL_FLUSH)
        block = compressor.compress(bytes(BLOCK)) + compressor.flush(zlib.Z_FULL_FLUSH)
        return head + block * (self.megabytes * MEGABYTE // BLOCK + 1) + compressor.flush()

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        length = str(len(self.packed))
        headers = {"Content-Encoding": "gzip", "Content-Length": length, **self.headers}
        _send_head(handler, self.status, headers)
        handler.wfile.write(self.packed)


def _send_head(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if handler.close_connection:
        handler.send_header("Connection", "close")
    handler.end_headers()
