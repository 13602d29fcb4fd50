"""Single HTTP requests with limits on time and body size."""

from __future__ import annotations

import math
import re
import socket
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import quote, urljoin, urlsplit

import requests
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from pipeline.crawl.http.decompress import decompressed
from pipeline.crawl.http.errors import ExchangeError, failure_of
from pipeline.crawl.http.ssrf_guard import GuardedAdapter
from pipeline.settings import FetchSettings

READ_BYTES = 65_536
MIN_TIMEOUT_SECONDS = 0.001
CONTENT_ENCODINGS = {"", "identity", "gzip", "x-gzip", "deflate"}
_TEXT = re.compile(r"^text/|html|json|javascript|[/+]xml\b", re.IGNORECASE)
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Answer:
    """An HTTP response.

    Attributes:
        url: URL of the request.
        status: Status code.
        headers: Response headers; names are case-insensitive.
        body: Decompressed body; if the status is not 2xx, only a short one.
        cookies: Cookies that the response sets.
        seconds: Duration of the exchange.
    """

    url: str
    status: int
    headers: CaseInsensitiveDict[str] = field(repr=False)
    body: bytearray = field(repr=False)
    cookies: RequestsCookieJar = field(repr=False, default_factory=RequestsCookieJar)
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def target(self) -> str:
        """Absolute URL of the redirect target, empty if the response is not a redirect."""
        location = self.headers.get("Location", "")
        if self.status not in (301, 302, 303, 307, 308) or not location:
            return ""
        try:
            return urljoin(self.url, quote(location.encode("latin-1"), safe=_URL_SAFE))
        except ValueError:
            return location


class Client:
    """Sends requests, one at a time. Not thread-safe.

    Args:
        settings: Timeouts.
        private_hosts: Hosts that may have private addresses, see :class:`GuardedAdapter`. Proxies
            from the environment are used for all other hosts; addresses are not checked then,
            because the proxy resolves the names.
    """

    def __init__(self, settings: FetchSettings, private_hosts: Collection[str]) -> None:
        self._settings, self._private_hosts = settings, private_hosts
        self._deadline = Deadline(0)
        self._session = requests.Session()
        adapter = GuardedAdapter(private_hosts, lambda line: self._deadline.watch(line))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def send(
        self,
        request: requests.PreparedRequest,
        *,
        seconds: float,
        max_bytes: int,
        cut: bool = False,
    ) -> Answer:
        """Send a request and read the response.

        Args:
            request: The request.
            seconds: Maximum time for the whole exchange.
            max_bytes: Maximum size of the body after decompression.
            cut: Truncate a longer body instead of raising, and accept any content type.

        Raises:
            ExchangeError: The response is missing, incomplete, too large or not text.
            SourceError: The host has a private address.
        """
        url = request.url or ""
        seconds = max(seconds, MIN_TIMEOUT_SECONDS)
        limits = self._settings.connect_timeout, self._settings.read_timeout
        self._session.trust_env = urlsplit(url).hostname not in self._private_hosts
        environment = self._session.merge_environment_settings(url, {}, True, True, None)
        started = time.monotonic()
        with Deadline(seconds) as self._deadline:
            try:
                # Session.send would read the body of a redirect without a size limit.
                with self._session.get_adapter(url).send(
                    request,
                    stream=True,
                    timeout=(min(limits[0], seconds), min(limits[1], seconds)),
                    verify=environment["verify"] or True,
                    proxies=environment["proxies"],
                ) as response:
                    answer = _read(response, max_bytes, cut)
            except (requests.RequestException, HTTPError, OSError) as error:
                # The socket's own timeout may fire just before the deadline's thread does.
                if not self._deadline.expired and time.monotonic() - started < seconds:
                    raise failure_of(error) from error
                self._deadline.expired = True
            if not self._deadline.expired:
                return replace(answer, seconds=time.monotonic() - started)
        raise ExchangeError(
            "timeout",
            f"no complete response within {self._settings.page_timeout:g} s; "
            "increase source.fetch.page_timeout if the site is slow",
            passing=True,
        )


class Deadline:
    """Shuts down a socket after a fixed time. A context manager.

    Unlike the timeout of a socket, it does not restart when data arrives.

    Args:
        seconds: Time from entering the context.
    """

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._exited = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._exited = True
        self._timer.cancel()

    def watch(self, connected: socket.socket) -> None:
        """Shut down this socket at the deadline.

        Raises:
            OSError: The deadline has passed.
        """
        with self._lock:
            if self.expired:
                raise OSError("the deadline has passed")
            self._socket = connected

    def _expire(self) -> None:
        with self._lock:
            if self._exited:
                return
            self.expired = True
            if self._socket is not None:
                with suppress(OSError):
                    # SSLSocket.shutdown would discard state that the reading thread uses.
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _read(response: requests.Response, max_bytes: int, cut: bool) -> Answer:
    answer = Answer(
        response.url, response.status_code, response.headers, bytearray(), response.cookies
    )
    length = _length(answer.headers)
    if not answer.is_success:
        is_chunked = answer.status >= 400 and "Transfer-Encoding" in answer.headers
        if length <= READ_BYTES or is_chunked:  # if read to the end, the connection can be reused
            _read_refusal(response.raw, answer)
        return answer
    if not cut:
        _check_type(answer.headers)
    if not cut and length != math.inf and length > max_bytes:
        raise _too_large(max_bytes)
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    for chunk in decompressed(_chunks(response.raw), coding):
        answer.body.extend(chunk)
        if len(answer.body) > max_bytes:
            if not cut:
                raise _too_large(max_bytes)
            del answer.body[max_bytes:]
            break
    return answer


def _read_refusal(raw: BaseHTTPResponse, answer: Answer) -> None:
    """Read the body of an error response; leave it empty if it is long or broken."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    with suppress(ExchangeError, HTTPError):
        for chunk in decompressed(_chunks(raw), coding):
            answer.body.extend(chunk)
            if len(answer.body) > READ_BYTES:
                answer.body.clear()
                return
    raw.drain_conn()


def _chunks(raw: BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := raw.read1(READ_BYTES, decode_content=False):
        yield chunk


def _length(headers: CaseInsensitiveDict[str]) -> float:
    """Value of the Content-Length header in bytes, infinite if it is missing or invalid."""
    length = headers.get("Content-Length", "")
    return float(length) if length.isascii() and length.isdecimal() else math.inf


def _check_type(headers: CaseInsensitiveDict[str]) -> None:
    kind = headers.get("Content-Type", "").partition(";")[0].strip()
    if kind and not _TEXT.search(kind):
        reason = f"content type {kind} is not text; choose another page"
        raise ExchangeError("no text", reason, passing=False)
    coding = headers.get("Content-Encoding", "").strip().lower()
    if coding not in CONTENT_ENCODINGS:
        reason = f"unsupported content encoding {coding}; choose another page"
        raise ExchangeError("unknown encoding", reason, passing=False)


def _too_large(max_bytes: int) -> ExchangeError:
    reason = f"the body exceeds {max_bytes:,} bytes; increase source.fetch.max_bytes to accept it"
    return ExchangeError("too large", reason, passing=False)
