"""What the robots.txt of each site allows (RFC 9309)."""

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
"""Seconds after which a robots.txt is read again."""


@dataclass
class _Rules:
    lock: threading.Lock = field(default_factory=threading.Lock)
    parsed: Protego | None = None
    read_at: float = 0.0


class Robots:
    """Rules of all origins of a crawl, each read when it is first needed; thread-safe.

    Args:
        user_agent: The name before its first space or slash is the one that rules are for.
        read: Gives the text of a robots.txt by its address, empty where there is none; what it
            raises forbids all pages of the origin, until it is asked for the next one.
        clock: Gives the time in seconds.
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
        """See that a page may be asked for; returns the Crawl-delay in seconds, 0 without.

        Raises:
            SourceError: robots.txt forbids the page.
        """
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"
        rules = self._rules_at(address)
        if not rules.can_fetch(url, self._name):
            raise SourceError(f"{address} forbids {url} to {self._name}: choose another page")
        return float(rules.crawl_delay(self._name) or 0.0)

    def _rules_at(self, address: str) -> Protego:
        with self._lock:
            rules = self._rules[address]
        with rules.lock:
            if rules.parsed is None or self._clock() - rules.read_at > MAX_AGE:
                rules.parsed = None
                rules.parsed = Protego.parse(self._read(address))
                rules.read_at = self._clock()
                logger.debug("read %s", address)
            return rules.parsed
