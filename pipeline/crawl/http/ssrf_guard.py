"""Protection against server-side request forgery: connections to public addresses only."""

from __future__ import annotations

import functools
import http.client
import ipaddress
import socket
import time
from collections.abc import Callable, Collection
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from pipeline.errors import SettingsError, SourceError

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address is globally routable.

    IPv6 addresses that embed an IPv4 address (mapped, 6to4, NAT64) are judged by that address.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if (inner := _embedded(ip)) is not None:
            return is_public(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def normal_host(host: str) -> str:
    """Normalize a host name: lower case, IDNA, no brackets.

    Raises:
        SettingsError: The host name is invalid.
    """
    try:
        bare = host.strip("[]")
        address = f"http://[{bare}]/" if ":" in bare else f"http://{bare}/"
        return urlsplit(requests.Request("GET", address).prepare().url or "").hostname or ""
    except (requests.RequestException, ValueError) as error:
        raise SettingsError(f"source.fetch: {host!r} is not a valid host name; fix it") from error


def resolve(host: str, port: int, *, may_be_private: bool) -> list[tuple[Any, ...]]:
    """The addresses of a host, as returned by :func:`socket.getaddrinfo`.

    Raises:
        SourceError: An address is not public, or the host name is invalid.
        socket.gaierror: The host name cannot be resolved.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise SourceError(f"{host!r} is not a valid host name; fix the URL") from error
    for *_, address in found:
        if not may_be_private and not is_public(str(address[0])):
            raise SourceError(
                f"{host} has the address {address[0]}, which is not public; "
                f"to allow it, add {host} to source.fetch.private_hosts"
            )
    return found


def connect(
    host: str, port: int, timeout: float | None, options: Any = None, *, may_be_private: bool
) -> socket.socket:
    """Connect to the first address of a host that accepts the connection.

    Resolves the name once, so that the checked address is the one connected to.

    Args:
        host: Host name or IP address.
        port: Port.
        timeout: Seconds for all addresses together, None for no limit.
        options: Socket options, as in urllib3.
        may_be_private: Allow private addresses.

    Raises:
        SourceError: An address of the host is not public.
        OSError: No address accepts the connection.
    """
    failure: OSError = OSError(f"{host} has no IP address")
    end = None if timeout is None else time.monotonic() + timeout
    for family, kind, protocol, _, address in resolve(host, port, may_be_private=may_be_private):
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError(f"connecting took longer than {timeout} s")
        connected = socket.socket(family, kind, protocol)
        try:
            for option in options or ():
                connected.setsockopt(*option)
            connected.settimeout(left)
            connected.connect(address)
        except OSError as error:
            connected.close()
            failure = error
        else:
            connected.settimeout(timeout)
            return connected
    raise failure


class GuardedAdapter(HTTPAdapter):
    """A requests adapter that connects to public addresses and to the named private hosts only.

    Connections to a proxy are not checked, because the proxy resolves the names.

    Args:
        private_hosts: Hosts whose addresses are not checked, normalized by :func:`normal_host`.
        watch: Called with the connected socket before each request.
    """

    def __init__(
        self, private_hosts: Collection[str], watch: Callable[[socket.socket], None]
    ) -> None:
        self.private_hosts = private_hosts
        self.watch = watch
        super().__init__()

    @functools.cached_property
    def _pools(self) -> dict[str, type[HTTPConnectionPool]]:
        """Connection pools, by scheme, whose connections use this adapter's checks."""
        plain = type("GuardedHTTP", (_Guarded,), {"adapter": self})
        secure = type("GuardedHTTPS", (_Guarded, HTTPSConnection), {"adapter": self})
        return {
            "http": type("HTTPPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("HTTPSPool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Use guarded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Use connections that call ``watch``, except for SOCKS proxies."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager


class _FinalResponse(http.client.HTTPResponse):
    """A response that skips the informational responses before it; http.client skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 101 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Guarded(HTTPConnection):
    adapter: ClassVar[GuardedAdapter]
    response_class = _FinalResponse

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        try:
            return connect(
                self._dns_host,
                self.port,
                self.timeout,
                self.socket_options,
                may_be_private=self._dns_host.lower() in self.adapter.private_hosts,
            )
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"{self.host}: {error}") from error
        except OSError as error:
            raise NewConnectionError(self, f"{self.host}: {error}") from error

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self.adapter.watch(self.sock)
        super().request(*args, **kwargs)
