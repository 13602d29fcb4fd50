"""robots.txt rules (RFC 9309)."""

from __future__ import annotations

import codecs
import logging
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from pipeline.crawl.http.decompress import GZIP_MAGIC
from pipeline.errors import SourceError

logger = logging.getLogger(__name__)

MAX_AGE = 86_400.0
"""Seconds after which robots.txt is fetched again."""
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MAX_CONTROLS = 0.2
"""Maximum share of control characters; with more, the body is not text."""


@dataclass
class _Rules:
    lock: threading.Lock = field(default_factory=threading.Lock)
    parsed: Protego | None = None
    read_at: float = 0.0


class Robots:
    """robots.txt rules of all origins of a crawl, fetched on first use. Thread-safe.

    Args:
        user_agent: User agent; rules are matched by the name before its first space or slash.
        read: Returns the text of a robots.txt by URL, empty if it does not exist. If it raises,
            the page is not allowed, and robots.txt is fetched again for the next page.
        max_delay: Largest Crawl-delay in seconds that is accepted.
        clock: Returns the time in seconds; robots.txt is fetched again after ``MAX_AGE``.
    """

    def __init__(
        self,
        user_agent: str,
        read: Callable[[str], str],
        max_delay: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = user_agent.partition(" ")[0].partition("/")[0]
        self._read, self._max_delay, self._clock = read, max_delay, clock
        self._rules: defaultdict[str, _Rules] = defaultdict(_Rules)
        self._lock = threading.Lock()

    def permit(self, url: str) -> float:
        """Check that robots.txt allows a page.

        Returns:
            The Crawl-delay in seconds, 0 if there is none.

        Raises:
            SourceError: robots.txt disallows the page, or asks for a longer delay than
                ``max_delay``.
        """
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
        rules = self._rules_at(address)
        if not rules.can_fetch(url, self._name):
            raise SourceError(f"{address} disallows {url} for {self._name}: choose another page")
        delay = float(rules.crawl_delay(self._name) or 0.0)
        if delay > self._max_delay:
            raise SourceError(
                f"{address} asks for {delay:g} s between requests (Crawl-delay), more than "
                f"source.fetch.max_cooldown = {self._max_delay:g}: choose another site, or "
                "increase source.fetch.max_cooldown"
            )
        return max(0.0, delay)

    def _rules_at(self, address: str) -> Protego:
        with self._lock:
            rules = self._rules[address]
        with rules.lock:
            if rules.parsed is None or self._clock() - rules.read_at > MAX_AGE:
                rules.parsed = None
                rules.parsed = Protego.parse(self._read(address))
                rules.read_at = self._clock()
                logger.debug("fetched %s", address)
            return rules.parsed


def robots_text(body: bytes | bytearray) -> str:
    """Decode a robots.txt: UTF-8, or by its byte order mark.

    Raises:
        ValueError: The body is not text, such as UTF-16 without a byte order mark or compressed
            data.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16")
    text = body.decode("utf-8-sig", errors="replace")
    controls = len(_CONTROL.findall(text))
    if body.startswith(GZIP_MAGIC) or controls > _MAX_CONTROLS * len(text):
        raise ValueError("it is not text")
    return text
