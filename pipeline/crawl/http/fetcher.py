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

from pipeline.crawl.http.client import CONTENT_ENCODINGS, Answer
from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.http.errors import ExchangeError
from pipeline.crawl.http.refusal import words_of
from pipeline.crawl.http.robots import Robots, robots_text
from pipeline.crawl.http.sender import RATE_LIMITING, ROBOTS_BYTES, Sender
from pipeline.crawl.http.throttle import FIRST_WAIT, Pace
from pipeline.crawl.sites.base import Page, Request
from pipeline.errors import FetchError, GoneError
from pipeline.settings import FetchSettings
from pipeline.storage.encoding import decode_with_name

logger = logging.getLogger(__name__)

ROBOTS_UNAVAILABLE = "no page may be fetched while robots.txt is unavailable"
RETRIED = {206, 408, 500, 502, 504} | RATE_LIMITING
"""Statuses that may be temporary; 206 is partial content, which is never requested."""
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
        credentials: Configured headers, parameters and secrets; None for those of ``settings``.
        origins: Scheme, host and port of the sites that get the credentials; empty for all of
            ``hosts``.

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
        stop = stop or threading.Event()
        self._pace = Pace(settings.delay * shares, settings.max_cooldown, stop, first_wait, clock)
        self._robots = Robots(settings.user_agent, self._read_robots, settings.max_cooldown, clock)
        self._sender = Sender(settings, hosts, self._pace, self._permit, self._credentials, origins)

    def __repr__(self) -> str:
        return f"Fetcher({self._sender})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._sender.close()

    @property
    def outcomes(self) -> Counter[str]:
        """Number of requests by outcome (status or kind of failure); a copy."""
        return self._sender.outcomes

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
            reason = f"{request.method} {answer.url}: {self._refusal(answer)}"
            # Some APIs answer 400 to a page number after the last page.
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
                answer = self._sender.send(request, headers, is_robots=is_robots)
                is_refused = answer.status == HTTPStatus.UNAUTHORIZED and not is_robots
                if is_refused and self._credentials.renew():
                    answer = self._sender.send(request, headers, is_robots=is_robots)
                if answer.status not in RETRIED:
                    return answer
                reason = self._refusal(answer)
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

    def _refusal(self, answer: Answer) -> str:
        """Status of an answer that is not a page, and the beginning of its body."""
        words = words_of(answer, self._credentials.hide)
        return f"status {answer.status}{words and f' ({words})'}"

    def _permit(self, url: str) -> float:
        """The delay in seconds that robots.txt asks for, shared by all processes."""
        return self._robots.permit(url) * self._shares

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


def _text(answer: Answer) -> tuple[str, str]:
    """The decoded body and its encoding."""
    kind = answer.headers.get("Content-Type", "")
    charset = _CHARSET.search(kind)
    if charset:
        return decode_with_name(answer.body, charset[1])
    return decode_with_name(answer.body, "utf-8" if "json" in kind.lower() else None)
