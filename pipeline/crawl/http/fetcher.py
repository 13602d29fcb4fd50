"""Polite HTTP: known hosts, robots.txt, a pace, patience with what passes, limits."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException
from requests import Request as HttpRequest
from requests.exceptions import InvalidHeader

from pipeline.crawl.http.client import Answer, Client
from pipeline.crawl.http.errors import ExchangeError
from pipeline.crawl.http.robots import Robots
from pipeline.crawl.http.ssrf_guard import normal_host
from pipeline.crawl.http.throttle import FIRST_WAIT, Pace
from pipeline.crawl.sites.base import Page, Request
from pipeline.errors import FetchError, GoneError, SourceError
from pipeline.settings import FetchSettings
from pipeline.storage.encoding import decode_page

logger = logging.getLogger(__name__)

MAX_REDIRECTS = 5
ROBOTS_BYTES = 512 * 1024
"""How much of a robots.txt counts (RFC 9309)."""
TOO_MANY = {429, 503}
PASSING = {408, 500, 502, 504} | TOO_MANY
NOT_MODIFIED = 304
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


class Fetcher:
    """Fetches pages of the named hosts, no others; a context manager; thread-safe.

    Connections go to public addresses only, save for the hosts that the settings name as private.
    Proxies of the environment are used for all others; a proxy resolves names itself, so that
    addresses cannot be checked then.

    Args:
        settings: Pace, time-outs, limits, user agent.
        hosts: Host names that may be asked, beside those of ``settings.hosts``.
        stop: Ends all waiting with an error when set.
        first_wait: Seconds of the first back-off; each further one is twice as long.
        shares: How many processes ask these hosts side by side: each waits so many times as long
            between its requests.
        clock: Gives the time in seconds, by which the pace is kept.

    Raises:
        SettingsError: One of the hosts is no host name.
    """

    def __init__(
        self,
        settings: FetchSettings,
        hosts: Collection[str],
        stop: threading.Event | None = None,
        first_wait: float = FIRST_WAIT,
        shares: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._shares = settings, shares
        self._hosts = {normal_host(host) for host in (*hosts, *settings.hosts) if host}
        self._private_hosts = {normal_host(host) for host in settings.private_hosts}
        stop = stop or threading.Event()
        self._pace = Pace(settings.delay * shares, settings.max_cooldown, stop, first_wait, clock)
        self._robots = Robots(settings.user_agent, self._read_robots, clock)
        self._outcomes: Counter[str] = Counter()
        self._clients: list[Client] = []
        self._local = threading.local()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Fetcher({sorted(self._hosts)}, requests={self.requests})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for client in self._clients:
            client.close()

    @property
    def outcomes(self) -> Counter[str]:
        """How many requests were sent, by what came of them; a copy."""
        with self._lock:
            return Counter(self._outcomes)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self.outcomes.total()

    def fetch(self, request: Request, *, etag: str = "", last_modified: str = "") -> Page:
        """Fetch a page, in as many tries as the settings allow.

        Args:
            request: What to ask for.
            etag: Validators that came with the page last time, empty where there are none.
            last_modified: See ``etag``.

        Raises:
            SourceError: The page lies elsewhere or robots.txt forbids it.
            GoneError: There is no such page.
            FetchError: The server does not answer, answers with an error or with what is no page.
            RunError: The stop event was set.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        answer = self._insist(request, headers)
        etag = answer.headers.get("ETag", "")
        last_modified = answer.headers.get("Last-Modified", "")
        if answer.status == NOT_MODIFIED and headers:
            return Page(
                url=answer.url,
                status=NOT_MODIFIED,
                etag=etag or conditions["If-None-Match"],
                last_modified=last_modified or conditions["If-Modified-Since"],
            )
        if not answer.is_success:
            reason = f"{request.method} {answer.url}: the server answered {answer.status}"
            if answer.status in (404, 410):
                raise GoneError(f"{reason}, there is no such page; correct its address")
            raise FetchError(f"{reason}; look whether it opens in a browser")
        return Page(url=answer.url, text=_text(answer), etag=etag, last_modified=last_modified)

    def _insist(
        self, request: Request, headers: dict[str, str], *, is_robots: bool = False
    ) -> Answer:
        """Ask until an answer comes that another try would not change."""
        what = f"{request.method} {request.url}"
        most = self._settings.max_tries
        for tries in range(1, most + 1):
            try:
                answer = self._follow(request, headers, is_robots)
                if answer.status not in PASSING:
                    return answer
                reason = f"the server answered {answer.status}"
                is_cooling = answer.status in TOO_MANY
            except ExchangeError as error:
                if not error.passing:
                    raise FetchError(f"{what}: {error.reason}") from error
                reason, is_cooling = error.reason, False
            if tries < most:
                logger.info("%s: %s (try %d of %d)", what, reason, tries, most)
                if not is_cooling:
                    self._pace.back_off(tries)
        asked = "once" if most == 1 else f"{most} times"
        advice = "; try again later"
        if is_robots:
            advice = ": robots.txt of the site forbids all pages until it answers" + advice
        raise FetchError(f"{what}: {reason}, asked {asked}{advice}")

    def _follow(self, request: Request, headers: dict[str, str], is_robots: bool) -> Answer:
        """One try: ask, and go where the answer leads."""
        method, url, body = request.method, request.url, request.body
        visited: list[tuple[str, str]] = []
        left = self._settings.page_timeout
        while True:
            led = f"{visited[-1][1]} leads to " if visited else ""
            prepared = self._prepare(method, url, body, headers, led)
            url = prepared.url or ""
            self._check(method, url, visited, led)
            visited.append((method, url))
            if not is_robots:
                self._pace.slow_down(_host(url), self._robots.permit(url) * self._shares)
            answer = self._exchange(prepared, left, is_robots)
            if not answer.target:
                return answer
            left -= answer.seconds
            url = answer.target
            if answer.status in (301, 302, 303):
                method, body = "GET", ""

    def _prepare(
        self, method: str, url: str, body: str, headers: dict[str, str], led: str
    ) -> PreparedRequest:
        contact = self._settings.contact
        agent = self._settings.user_agent + (f" (+{contact})" if contact else "")
        standing = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if body:
            standing["Content-Type"] = "application/json"
        sent = {name: value.encode() for name, value in (standing | headers).items()}
        try:
            return HttpRequest(method, url, sent, data=body.encode() or None).prepare()
        except InvalidHeader as error:
            reason = " ".join(str(error).split())
            raise FetchError(f"{method} {url}: {reason}; correct source.fetch") from error
        except (RequestException, ValueError) as error:
            raise SourceError(f"{led}{url!r}, which is no web address; correct it") from error

    def _check(self, method: str, url: str, visited: list[tuple[str, str]], led: str) -> None:
        """See that the address may be asked, as far as the address alone tells."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise SourceError(f"{led}{url}, which is no web address; correct it")
        host = _host(url)
        if host not in self._hosts:
            raise SourceError(
                f"{led}{url}, which is not on {', '.join(sorted(self._hosts))}; "
                f"if it is meant, name {host} in source.fetch.hosts"
            )
        if (method, url) in visited:
            raise FetchError(f"{led}{url}, which was asked before: redirects in a circle")
        if len(visited) > MAX_REDIRECTS:
            raise FetchError(
                f"{led}{url}: more than {MAX_REDIRECTS} redirects from {visited[0][1]}"
            )

    def _exchange(self, prepared: PreparedRequest, seconds: float, is_robots: bool) -> Answer:
        """Wait for the host's turn, ask once, and count and heed what comes."""
        host = _host(prepared.url or "")
        begun = self._pace.wait(host)
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
        if answer.status in TOO_MANY:
            self._pace.cool_down(host, begun, answer.headers.get("Retry-After", ""))
        elif answer.status < 500:
            self._pace.recover(host, begun)
        return answer

    def _read_robots(self, url: str) -> str:
        answer = self._insist(Request(url=url), {}, is_robots=True)
        if answer.status >= 500:
            raise FetchError(
                f"GET {url}: the server answered {answer.status}: robots.txt of the site forbids "
                "all pages until it answers; try again later"
            )
        if not answer.is_success:
            return ""
        if len(answer.body) == ROBOTS_BYTES:
            del answer.body[answer.body.rfind(b"\n") + 1 :]  # half a rule means another one
        return answer.body.decode("utf-8-sig", errors="replace")

    @property
    def _client(self) -> Client:
        """The thread's own."""
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = Client(self._settings, self._private_hosts)
            with self._lock:
                self._clients.append(client)
        return client


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _text(answer: Answer) -> str:
    kind = answer.headers.get("Content-Type", "")
    charset = _CHARSET.search(kind)
    if charset:
        return decode_page(answer.body, charset[1])
    return decode_page(answer.body, "utf-8" if "json" in kind.lower() else None)
