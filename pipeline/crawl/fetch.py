"""Polite HTTP: one host, robots.txt, a pace, time-outs, a cap on size."""

from __future__ import annotations

import ipaddress
import re
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests
from protego import Protego

from pipeline.decode import decode_page
from pipeline.errors import FetchError, SourceError
from pipeline.settings import FetchSettings

MAX_REDIRECTS = 5
CHUNK_BYTES = 65_536
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Page:
    """What a server answered: the final address, the status and the decoded body."""

    url: str
    status: int
    text: str


class Fetcher:
    """Fetches pages of one host, no other; a context manager.

    Args:
        origin: Scheme and host (``https://example.com``) that all pages must lie on.
        settings: Pace, time-outs, cap, user agent.
    """

    def __init__(self, origin: str, settings: FetchSettings) -> None:
        self.origin = _origin(origin)
        self.requests = 0
        self._settings = settings
        self._delay = settings.delay
        self._ready_at = 0.0
        self._robots: Protego | None = None
        self._session = requests.Session()
        self._session.headers["User-Agent"] = settings.user_agent
        self._session.trust_env = not _is_loopback(self.origin)

    def __repr__(self) -> str:
        return f"Fetcher({self.origin!r}, requests={self.requests})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._session.close()

    def get(self, url: str) -> str:
        """Fetch a page's text.

        Raises:
            SourceError: The page lies on another host or robots.txt forbids it.
            FetchError: The server does not answer, answers with an error or with too much.
        """
        if self._robots is None:
            self._robots = self._read_robots()
        agent = self._settings.user_agent
        if not self._robots.can_fetch(url, agent):
            raise SourceError(f"robots.txt of {self.origin} forbids {url}: choose another page")
        page = self._fetch(url)
        if page.status >= 400:
            raise FetchError(f"GET {url}: the server answered {page.status}")
        return page.text

    def _read_robots(self) -> Protego:
        """The host's rules: none when it has no robots.txt (RFC 9309)."""
        page = self._fetch(f"{self.origin}/robots.txt")
        if page.status >= 500:
            raise FetchError(
                f"GET {page.url}: the server answered {page.status}, which forbids all pages; "
                "try again later"
            )
        rules = Protego.parse(page.text if page.status < 400 else "")
        self._delay = max(self._delay, rules.crawl_delay(self._settings.user_agent) or 0.0)
        return rules

    def _fetch(self, url: str) -> Page:
        for _ in range(MAX_REDIRECTS + 1):
            if _origin(url) != self.origin:
                raise SourceError(f"{url} does not lie on {self.origin}: the crawl stays there")
            self._wait()
            try:
                with self._session.get(
                    url,
                    stream=True,
                    allow_redirects=False,
                    timeout=(self._settings.connect_timeout, self._settings.read_timeout),
                ) as response:
                    self.requests += 1
                    if not response.is_redirect:
                        return Page(url, response.status_code, self._read(response))
                    url = urljoin(url, response.headers["Location"])
            except requests.RequestException as error:
                raise FetchError(f"GET {url}: {_reason(error)}") from error
        raise FetchError(f"GET {url}: more than {MAX_REDIRECTS} redirects")

    def _read(self, response: requests.Response) -> str:
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > self._settings.max_bytes:
                raise FetchError(
                    f"GET {response.url}: more than {self._settings.max_bytes:,} bytes; "
                    "raise source.fetch.max_bytes if that is right"
                )
        charset = _CHARSET.search(response.headers.get("Content-Type", ""))
        return decode_page(bytes(body), charset[1] if charset else None)

    def _wait(self) -> None:
        time.sleep(max(0.0, self._ready_at - time.monotonic()))
        self._ready_at = time.monotonic() + self._delay


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SourceError(f"{url} is no http or https address")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _is_loopback(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error).splitlines()[0]
