"""robots.txt rules (RFC 9309)."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from pipeline.errors import SourceError

logger = logging.getLogger(__name__)

MAX_AGE = 86_400.0
"""Seconds after which robots.txt is fetched again."""


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
        clock: Returns the time in seconds; robots.txt is fetched again after ``MAX_AGE``.
    """

    def __init__(
        self,
        user_agent: str,
        read: Callable[[str], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = user_agent.partition(" ")[0].partition("/")[0]
        self._read, self._clock = read, clock
        self._rules: defaultdict[str, _Rules] = defaultdict(_Rules)
        self._lock = threading.Lock()

    def permit(self, url: str) -> float:
        """Check that robots.txt allows a page.

        Returns:
            The Crawl-delay in seconds, 0 if there is none.

        Raises:
            SourceError: robots.txt disallows the page.
        """
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
        rules = self._rules_at(address)
        if not rules.can_fetch(url, self._name):
            raise SourceError(f"{address} disallows {url} for {self._name}: choose another page")
        return float(rules.crawl_delay(self._name) or 0.0)

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
