"""Page fetching: allowed hosts, robots.txt, rate limits, retries, redirects."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException
from requests import Request as HttpRequest
from requests.exceptions import InvalidHeader

from pipeline.crawl.http.client import CONTENT_ENCODINGS, Answer, Client
from pipeline.crawl.http.cookies import Cookies
from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.http.errors import ExchangeError
from pipeline.crawl.http.robots import Robots, robots_text
from pipeline.crawl.http.ssrf_guard import normal_host
from pipeline.crawl.http.throttle import FIRST_WAIT, Pace
from pipeline.crawl.parse.urls import is_same_site, origin_of
from pipeline.crawl.sites.base import Page, Request
from pipeline.errors import FetchError, GoneError, SourceError
from pipeline.settings import FetchSettings
from pipeline.storage.encoding import decode_with_name

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 5
ROBOTS_UNAVAILABLE = "no page may be fetched while robots.txt is unavailable"
ROBOTS_BYTES = 512 * 1024
"""Maximum size of a robots.txt; the rest is ignored (RFC 9309)."""
RATE_LIMITING = {429, 503}
RETRIED = {206, 408, 500, 502, 504} | RATE_LIMITING
"""Statuses that may be temporary; 206 is a part of a page, which we never ask for."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


class Fetcher:
    """Fetches pages of allowed hosts. A context manager; thread-safe.

    Connects to public addresses only, except for ``settings.private_hosts``. Uses proxies from
    the environment for all but the private hosts; with a proxy, addresses are not checked,
    because the proxy resolves the names.

    Args:
        settings: Rate limits, timeouts, size limits, user agent.
        hosts: Allowed hosts, in addition to ``settings.hosts``.
        stop: Event that ends all waiting with an error when set.
        first_wait: Seconds of the first back-off; each further one is twice as long.
        shares: Number of processes that fetch from these hosts concurrently; delays are
            multiplied by it.
        clock: Returns the time in seconds; delays are measured with it.
        credentials: Own headers, parameters and secrets; None for those of the settings.
        origins: Scheme, host and port of the sites that get them; empty for all of ``hosts``.

    Raises:
        SettingsError: A host name is invalid.
    """

    def __init__(
        self,
        settings: FetchSettings,
        hosts: Collection[str],
        stop: threading.Event | None = None,
        first_wait: float = FIRST_WAIT,
        shares: int = 1,
        clock: Callable[[], float] = time.monotonic,
        credentials: Credentials | None = None,
        origins: Collection[str] = (),
    ) -> None:
        self._settings, self._shares = settings, shares
        self._credentials = credentials or Credentials(settings)
        self._origins = set(origins)
        self._hosts = {normal_host(host) for host in (*hosts, *settings.hosts) if host}
        self._private_hosts = {normal_host(host) for host in settings.private_hosts}
        stop = stop or threading.Event()
        self._pace = Pace(settings.delay * shares, settings.max_cooldown, stop, first_wait, clock)
        self._robots = Robots(settings.user_agent, self._read_robots, settings.max_cooldown, clock)
        self._cookies = Cookies()
        self._outcomes: Counter[str] = Counter()
        self._clients: list[Client] = []
        self._local = threading.local()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Fetcher({sorted(self._hosts)}, requests={self.requests})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()

    @property
    def outcomes(self) -> Counter[str]:
        """Number of requests by outcome (status or kind of failure); a copy."""
        with self._lock:
            return Counter(self._outcomes)

    @property
    def requests(self) -> int:
        """Number of requests sent."""
        return self.outcomes.total()

    def fetch(self, request: Request, *, etag: str = "", last_modified: str = "") -> Page:
        """Fetch a page, with up to ``settings.max_tries`` attempts.

        Args:
            request: The request.
            etag: ETag of the last response, empty if none; sent as If-None-Match.
            last_modified: Last-Modified of the last response, empty if none; sent as
                If-Modified-Since.

        Returns:
            The page; its status is 304 and its text empty if it has not changed.

        Raises:
            SourceError: The host is not allowed, or robots.txt disallows the page.
            GoneError: The page does not exist (404, 410).
            FetchError: The server does not respond, or not with a usable page.
            RunError: The stop event was set.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        answer = self._retry(request, headers)
        etag = answer.headers.get("ETag", "")
        last_modified = answer.headers.get("Last-Modified", "")
        if answer.status == HTTPStatus.NOT_MODIFIED and headers:
            return Page(
                url=self._credentials.hide(answer.url),
                status=HTTPStatus.NOT_MODIFIED,
                etag=etag or conditions["If-None-Match"],
                last_modified=last_modified or conditions["If-Modified-Since"],
            )
        if not answer.is_success:
            reason = f"{request.method} {answer.url}: status {answer.status}"
            # Some APIs answer 400 to a page number behind the last page.
            is_counted = request.number > 1 and not request.is_linked
            if answer.status in (404, 410) or (answer.status == 400 and is_counted):
                raise GoneError(f"{reason}, page not found; check the URL")
            raise FetchError(f"{reason}; check whether the page opens in a browser")
        text, encoding = _text(answer)
        return Page(
            url=self._credentials.hide(answer.url),
            text=self._credentials.hide(text),
            etag=etag,
            last_modified=last_modified,
            encoding=encoding,
        )

    def back_off(self, tries: int) -> None:
        """Wait before another attempt to get a page, see :meth:`Pace.back_off`."""
        self._pace.back_off(tries)

    def _retry(
        self, request: Request, headers: dict[str, str], *, is_robots: bool = False
    ) -> Answer:
        """Send a request until the response is one that a retry would not change."""
        what = f"{request.method} {request.url}"
        most = self._settings.max_tries
        for tries in range(1, most + 1):
            try:
                answer = self._follow(request, headers, is_robots)
                is_refused = answer.status == HTTPStatus.UNAUTHORIZED and not is_robots
                if is_refused and self._credentials.renew():
                    answer = self._follow(request, headers, is_robots)
                if answer.status not in RETRIED:
                    return answer
                reason = f"status {answer.status}"
                is_cooling = answer.status in RATE_LIMITING
            except ExchangeError as error:
                if not error.passing:
                    raise FetchError(f"{what}: {error.reason}") from error
                reason, is_cooling = error.reason, False
            if tries < most:
                logger.info("%s: %s (attempt %d of %d)", what, reason, tries, most)
                if not is_cooling:
                    self._pace.back_off(tries)
        attempts = "1 attempt" if most == 1 else f"{most} attempts"
        robots = f"; {ROBOTS_UNAVAILABLE}" if is_robots else ""
        raise FetchError(f"{what}: {reason}, gave up after {attempts}{robots}; try again later")

    def _follow(self, request: Request, headers: dict[str, str], is_robots: bool) -> Answer:
        """One attempt: send the request and follow redirects."""
        method, url, body = request.method, request.url, request.body
        own: dict[str, str] = {}
        if not is_robots and (not self._origins or origin_of(url) in self._origins):
            url = self._credentials.url(url, request.target)
            body = self._credentials.body(body)
            own = self._credentials.headers(request.target)
        first = url
        visited: list[tuple[str, str, str]] = []
        left = self._settings.page_timeout
        while True:
            origin = f"{visited[-1][1]} redirects to " if visited else ""
            own = own if is_same_site(first, url) else {}
            prepared = self._prepare(method, url, body, own | headers, origin)
            url = prepared.url or ""
            step = method, url, self._cookies.add_to(prepared)
            self._check(step, visited, origin)
            visited.append(step)
            if not is_robots:
                self._pace.slow_down(_host(url), self._robots.permit(url) * self._shares)
            answer = self._exchange(prepared, left, is_robots)
            self._cookies.keep(_host(url), answer)
            if not answer.target:
                return answer
            left -= answer.seconds
            url = answer.target
            if answer.status in (301, 302, 303):
                method, body = "GET", ""

    def _prepare(
        self, method: str, url: str, body: str, headers: dict[str, str], origin: str
    ) -> PreparedRequest:
        contact = self._settings.contact
        agent = self._settings.user_agent + (f" (+{contact})" if contact else "")
        defaults = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if body:
            defaults["Content-Type"] = "application/json"
        overridden = {name.lower() for name in headers}
        kept = {name: value for name, value in defaults.items() if name.lower() not in overridden}
        sent = {name: value.encode() for name, value in (kept | headers).items()}
        try:
            return HttpRequest(method, url, sent, data=body.encode() or None).prepare()
        except InvalidHeader as error:
            reason = " ".join(str(error).split())
            raise FetchError(f"{method} {url}: {reason}; check source.fetch") from error
        except (RequestException, ValueError) as error:
            raise SourceError(f"{origin}{url!r}: not a valid URL; fix it") from error

    def _check(
        self, step: tuple[str, str, str], visited: list[tuple[str, str, str]], origin: str
    ) -> None:
        """Check scheme, host and redirect limits; a step is a method, a URL and the cookies."""
        url = step[1]
        if urlsplit(url).scheme not in ("http", "https"):
            raise SourceError(f"{origin}{url}: not an http or https URL; fix it")
        host = _host(url)
        if host not in self._hosts:
            raise SourceError(
                f"{origin}{url}: host {host} is not allowed "
                f"(allowed: {', '.join(sorted(self._hosts))}); "
                f"to allow it, add {host} to source.fetch.hosts"
            )
        if step in visited:
            raise FetchError(f"{origin}{url}: redirect loop; check the URL in a browser")
        if len(visited) > MAX_REDIRECTS:
            raise FetchError(
                f"{origin}{url}: more than {MAX_REDIRECTS} redirects from {visited[0][1]}"
            )

    def _exchange(self, prepared: PreparedRequest, seconds: float, is_robots: bool) -> Answer:
        """Wait for the rate limit, send one request, count its outcome, adapt the rate limit."""
        host = _host(prepared.url or "")
        started = self._pace.wait(host)
        limit = ROBOTS_BYTES if is_robots else self._settings.max_bytes
        outcome = "failed"
        try:
            answer = self._client.send(prepared, seconds=seconds, max_bytes=limit, cut=is_robots)
            outcome = str(answer.status)
        except ExchangeError as error:
            outcome = error.outcome
            raise
        finally:
            with self._lock:
                self._outcomes["robots.txt" if is_robots else outcome] += 1
        if answer.status in RATE_LIMITING:
            self._pace.cool_down(host, started, answer.headers.get("Retry-After", ""))
        elif answer.status < 500:
            self._pace.recover(host, started)
        return answer

    def _read_robots(self, url: str) -> str:
        answer = self._retry(Request(url=url), {}, is_robots=True)
        if answer.status >= 500:
            raise FetchError(
                f"GET {url}: status {answer.status}; {ROBOTS_UNAVAILABLE}; try again later"
            )
        if not answer.is_success:
            return ""
        if len(answer.body) == ROBOTS_BYTES:
            del answer.body[answer.body.rfind(b"\n") + 1 :]  # drop the truncated last rule
        coding = answer.headers.get("Content-Encoding", "").strip().lower()
        try:
            if coding not in CONTENT_ENCODINGS:
                raise ValueError(f"unsupported content encoding {coding}")
            return robots_text(answer.body)
        except ValueError as error:
            raise FetchError(f"GET {url}: {error}; {ROBOTS_UNAVAILABLE}") from error

    @property
    def _client(self) -> Client:
        """The client of the current thread."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = Client(self._settings, self._private_hosts)
            with self._lock:
                self._clients.append(client)
        return client


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _text(answer: Answer) -> tuple[str, str]:
    """The decoded body and its encoding."""
    kind = answer.headers.get("Content-Type", "")
    charset = _CHARSET.search(kind)
    if charset:
        return decode_with_name(answer.body, charset[1])
    return decode_with_name(answer.body, "utf-8" if "json" in kind.lower() else None)
