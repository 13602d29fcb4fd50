"""Checks requests to the workspace's servers; accepts only programs and the servers' own pages.

A web page of another site can make its visitor's browser send requests to this machine. In such
requests, browsers send the page's origin, and the host name in the requested address.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

LOOPBACK_NAMES = frozenset({"127.0.0.1", "::1", "localhost"})
READING = frozenset({"GET", "HEAD"})
_NETLOC = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class RequestGuard:
    """Refuses requests to foreign names (DNS rebinding) and from pages of other origins.

    Attributes:
        host: Address or name that the server listens on. On a server that other machines can
            reach, the name of this machine and every IP address are accepted too, because a page
            cannot rebind them.
        names: Further host names under which browsers reach the server.
    """

    host: str
    names: frozenset[str] = frozenset()

    def refusal(
        self, method: str, headers: Iterable[tuple[str, str]]
    ) -> tuple[HTTPStatus, str] | None:
        """Status and reason of the refusal, None for a request to answer.

        Args:
            method: HTTP method; ``GET`` for the handshake of a WebSocket.
            headers: All headers of the request.
        """
        known: dict[str, list[str]] = {}
        for name, value in headers:
            known.setdefault(name.lower(), []).append(value.strip())
        hosts, origins = known.get("host", []), known.get("origin", [])
        if len(hosts) != 1 or not self._is_own(_name_in(hosts[0])):
            return HTTPStatus.BAD_REQUEST, "the Host header names an unknown host"
        if len(origins) > 1 or any(not self._is_same(one, hosts[0]) for one in origins):
            return HTTPStatus.FORBIDDEN, "the request comes from another site"
        if known.get("sec-fetch-site", ["none"]) not in (["none"], ["same-origin"]) and not (
            method in READING
            and known.get("sec-fetch-mode") == ["navigate"]
            and known.get("sec-fetch-dest") == ["document"]  # a link, not a frame
        ):
            return HTTPStatus.FORBIDDEN, "the request comes from another site"
        return None

    def _is_own(self, name: str) -> bool:
        if name in {self.host.lower(), *self.names} or name in LOOPBACK_NAMES:
            return True
        if self.host in LOOPBACK_NAMES:
            return False
        return name == socket.gethostname().lower() or _is_address(name)

    def _is_same(self, origin: str, host: str) -> bool:
        """Whether an origin is the origin of the server's own pages."""
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https"):
            return False
        return parts.netloc.lower() == host.lower() or _name_in(parts.netloc) in self.names


def _name_in(netloc: str) -> str:
    """Host name or address without the port; empty if it is invalid."""
    match = _NETLOC.fullmatch(netloc)
    return match[1].strip("[]").lower() if match else ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
