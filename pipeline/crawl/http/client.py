"""One HTTP request and its answer, within limits of time and size."""

from __future__ import annotations

import math
import re
import socket
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from pipeline.crawl.http.errors import ExchangeError, failure_of
from pipeline.crawl.http.ssrf_guard import GuardedAdapter
from pipeline.settings import FetchSettings

CHUNK_BYTES = 65_536
SHORTEST_TIMEOUT = 0.001
CODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}
_TEXT = re.compile(r"^text/|html|json|javascript|[/+]xml\b", re.IGNORECASE)
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        url: The address that was asked for.
        status: Its code.
        headers: Header by name, in either case.
        body: Decompressed; empty with a status other than 2xx.
        seconds: How long it took.
    """

    url: str
    status: int
    headers: CaseInsensitiveDict[str] = field(repr=False)
    body: bytearray = field(repr=False)
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def target(self) -> str:
        """Where a redirect leads to, empty where the answer is none."""
        location = self.headers.get("Location", "")
        if self.status not in (301, 302, 303, 307, 308) or not location:
            return ""
        try:
            return urljoin(self.url, quote(location.encode("latin-1"), safe=_URL_SAFE))
        except ValueError:
            return location


class Client:
    """Sends requests, one at a time; for one thread.

    Args:
        settings: Time-outs.
        private_hosts: See :class:`GuardedAdapter`. The environment's proxies are not used for
            these; for all others they are, and then the proxy's word on addresses is taken.
    """

    def __init__(self, settings: FetchSettings, private_hosts: Collection[str]) -> None:
        self._settings, self._private_hosts = settings, private_hosts
        self._deadline = Deadline(0)
        self._session = requests.Session()
        adapter = GuardedAdapter(private_hosts, lambda line: self._deadline.watch(line))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._session.close()

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        seconds: float,
        max_bytes: int,
        cut: bool = False,
    ) -> Answer:
        """Send a request and read the answer.

        Args:
            request: Ready to be sent.
            seconds: Longest time for all of it.
            max_bytes: Longest body after decompression.
            cut: Take the beginning of a longer body, and a body of any type.

        Raises:
            ExchangeError: There is no whole answer, or none that can be read.
            SourceError: The host's address is not allowed.
        """
        url = request.url or ""
        seconds = max(seconds, SHORTEST_TIMEOUT)
        limits = self._settings.connect_timeout, self._settings.read_timeout
        self._session.trust_env = urlsplit(url).hostname not in self._private_hosts
        environment = self._session.merge_environment_settings(url, {}, True, True, None)
        begun = time.monotonic()
        with Deadline(seconds) as self._deadline:
            try:
                # The session's own send would read the body of a redirect, however long.
                with self._session.get_adapter(url).send(
                    request,
                    stream=True,
                    timeout=(min(limits[0], seconds), min(limits[1], seconds)),
                    verify=environment["verify"] or True,
                    proxies=environment["proxies"],
                ) as response:
                    answer = _read(response, max_bytes, cut)
            except (requests.RequestException, HTTPError, OSError) as error:
                if not self._deadline.expired:
                    raise failure_of(error) from error
            if not self._deadline.expired:
                return replace(answer, seconds=time.monotonic() - begun)
        raise ExchangeError(
            "timeout",
            f"no whole answer within {self._settings.page_timeout:g} s; "
            "raise source.fetch.page_timeout if the site is slow",
            passing=True,
        )


class Deadline:
    """Shuts the socket that it watches down when the time is over; a context manager.

    Time-outs of a socket begin anew with each byte; this one does not.

    Args:
        seconds: Until then.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._over = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        """Shut this socket down at the deadline.

        Raises:
            OSError: It is past.
        """
        with self._lock:
            if self.expired:
                raise OSError("the time is over")
            self._socket = connected

    def _expire(self) -> None:
        with self._lock:
            if self._over:
                return
            self.expired = True
            if self._socket is not None:
                with suppress(OSError):
                    # A TLS socket's own shutdown would drop the state that its reader uses.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _read(response: requests.Response, max_bytes: int, cut: bool) -> Answer:
    answer = Answer(response.url, response.status_code, response.headers, bytearray())
    length = _length(answer.headers)
    if not answer.is_success:
        if length <= CHUNK_BYTES:  # off the line, so that the connection can be used again
            response.raw.drain_conn()
        return answer
    if not cut:
        _check_type(answer.headers)
    if not cut and length != math.inf and length > max_bytes:
        raise _too_large(max_bytes)
    for chunk in _chunks(response.raw):
        answer.body.extend(chunk)
        if len(answer.body) > max_bytes:
            if not cut:
                raise _too_large(max_bytes)
            del answer.body[max_bytes:]
            break
    return answer


def _chunks(raw: BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := raw.read1(CHUNK_BYTES, decode_content=True):
        yield chunk


def _length(headers: CaseInsensitiveDict[str]) -> float:
    """Bytes that the body is said to have on its way, infinite where nothing is said."""
    length = headers.get("Content-Length", "")
    return float(length) if length.isascii() and length.isdecimal() else math.inf


def _check_type(headers: CaseInsensitiveDict[str]) -> None:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    if kind and not _TEXT.search(kind):
        reason = f"the content type is {kind}, which is no text; choose another page"
        raise ExchangeError("no text", reason, passing=False)
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in CODINGS:
        reason = f"the content encoding is {coding}, which was not asked for; choose another page"
        raise ExchangeError("unknown encoding", reason, passing=False)


def _too_large(max_bytes: int) -> ExchangeError:
    reason = f"more than {max_bytes:,} bytes; raise source.fetch.max_bytes if that is right"
    return ExchangeError("too large", reason, passing=False)
