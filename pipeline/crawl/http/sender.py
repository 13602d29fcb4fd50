"""Requests of a crawl: allowed hosts, redirects, configured headers, rate limit of each host."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException
from requests import Request as HttpRequest
from requests.exceptions import InvalidHeader

from pipeline.crawl.http.client import Answer, Client
from pipeline.crawl.http.cookies import Cookies
from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.http.errors import ExchangeError
from pipeline.crawl.http.ssrf_guard import normal_host
from pipeline.crawl.http.throttle import Pace
from pipeline.crawl.parse.urls import is_same_site, origin_of
from pipeline.crawl.sites.base import Request
from pipeline.errors import FetchError, SourceError
from pipeline.settings import FetchSettings

MAX_REDIRECTS = 5
ROBOTS_BYTES = 512 * 1024
"""Maximum size of a robots.txt; the rest is ignored (RFC 9309)."""
RATE_LIMITING = {429, 503}


class Sender:
    """Sends requests to allowed hosts and follows their redirects. Thread-safe.

    Args:
        settings: Time-outs, size limits, user agent, further hosts.
        hosts: Allowed hosts, in addition to ``settings.hosts``.
        pace: Waits before each request.
        permit: Checks robots.txt for a URL; returns the delay in seconds that it asks for.
        credentials: Configured headers, parameters and secrets.
        origins: Scheme, host and port of the sites that get the credentials; empty for all of
            ``hosts``.

    Raises:
        SettingsError: A host name is invalid.
    """

    def __init__(
        self,
        settings: FetchSettings,
        hosts: Collection[str],
        pace: Pace,
        permit: Callable[[str], float],
        credentials: Credentials,
        origins: Collection[str],
    ) -> None:
        self._settings, self._pace, self._permit = settings, pace, permit
        self._credentials, self._origins = credentials, set(origins)
        self._hosts = {normal_host(host) for host in (*hosts, *settings.hosts) if host}
        self._private_hosts = {normal_host(host) for host in settings.private_hosts}
        self._cookies = Cookies()
        self._outcomes: Counter[str] = Counter()
        self._clients: list[Client] = []
        self._local = threading.local()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Sender({sorted(self._hosts)}, requests={self.outcomes.total()})"

    def close(self) -> None:
        """Close idle connections."""
        for client in self._clients:
            client.close()

    @property
    def outcomes(self) -> Counter[str]:
        """Number of requests by outcome (status or kind of failure); a copy."""
        with self._lock:
            return Counter(self._outcomes)

    def send(self, request: Request, headers: dict[str, str], *, is_robots: bool) -> Answer:
        """Send the request, once, and follow redirects.

        Args:
            request: The request.
            headers: Further headers.
            is_robots: Whether it asks for a robots.txt, which gets no secrets and needs no permit.

        Raises:
            ExchangeError: A request got no usable response.
            SourceError: A host is not allowed, or robots.txt disallows a page.
            FetchError: There are too many redirects, or they form a loop.
        """
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
                self._pace.slow_down(_host(url), self._permit(url))
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
            raise SourceError(
                f"{origin}{url!r}: not a valid URL; check the settings of the source"
            ) from error

    def _check(
        self, step: tuple[str, str, str], visited: list[tuple[str, str, str]], origin: str
    ) -> None:
        """Check scheme, host and redirect limits; a step is a method, a URL and the cookies."""
        url = step[1]
        if urlsplit(url).scheme not in ("http", "https"):
            raise SourceError(
                f"{origin}{url}: not an http or https URL; check the settings of the source"
            )
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
                f"{origin}{url}: more than {MAX_REDIRECTS} redirects from {visited[0][1]}; "
                "check the URL in a browser"
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
