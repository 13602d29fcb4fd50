"""Rate limiting per host: delays, cooldowns and exponential back-off."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pipeline.errors import RunError

logger = logging.getLogger(__name__)

FIRST_WAIT = 1.0
"""Seconds of the first back-off; each further one is twice as long."""
JITTER = 0.25
"""Maximum random increase of a back-off, as a share of its length."""


@dataclass
class _Lane:
    """State of one host; times are those of the clock."""

    delay: float
    free_at: float = 0.0
    cooled_at: float = 0.0
    cool_until: float = 0.0
    cooldowns: int = 0


class Pace:
    """Rate limits per host, shared by all threads.

    Args:
        delay: Seconds between the starts of two requests to a host.
        max_cooldown: Maximum pause in seconds.
        stop: Event that ends all waiting when set.
        first_wait: Seconds of the first back-off.
        clock: Gives the time in seconds.
    """

    def __init__(
        self,
        delay: float,
        max_cooldown: float,
        stop: threading.Event,
        first_wait: float = FIRST_WAIT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_cooldown, self._stop, self._first_wait = max_cooldown, stop, first_wait
        self._clock = clock
        self._lanes: defaultdict[str, _Lane] = defaultdict(lambda: _Lane(delay))
        self._lock = threading.Lock()

    def wait(self, host: str) -> float:
        """Wait until a request to the host may start.

        Returns:
            The start time on the clock.

        Raises:
            RunError: The stop event was set.
        """
        while True:
            with self._lock:
                lane, now = self._lanes[host], self._clock()
                left = max(lane.free_at, lane.cool_until) - now
                if left <= 0 and not self._stop.is_set():
                    lane.free_at = now + lane.delay
                    return now
            self._sleep(left)

    def slow_down(self, host: str, delay: float) -> None:
        """Increase the delay of a host to ``delay`` seconds; never decreases it."""
        with self._lock:
            lane = self._lanes[host]
            if delay <= lane.delay:
                return
            lane.free_at += delay - lane.delay
            lane.delay = delay
        logger.info("%s: delay increased to %g s (Crawl-delay in robots.txt)", host, delay)

    def cool_down(self, host: str, started: float, retry_after: str = "") -> None:
        """Pause all requests to a host after status 429 or 503.

        Does nothing if the request started before the current cooldown.

        Args:
            host: The host.
            started: Start time of the request, from :meth:`wait`.
            retry_after: Retry-After header: seconds or an HTTP date. If it is missing, invalid, 0
                or in the past, the pause is an exponential back-off.
        """
        with self._lock:
            lane = self._lanes[host]
            if started < lane.cooled_at:
                return
            seconds = seconds_of(retry_after) or self._back_off(lane.cooldowns)
            seconds = min(seconds, self._max_cooldown)
            lane.cooldowns += 1
            lane.cooled_at = self._clock()
            lane.cool_until = lane.cooled_at + seconds
        logger.warning("%s is rate limiting us: pausing for %.1f s", host, seconds)

    def recover(self, host: str, started: float) -> None:
        """Reset the back-off of a host after a successful response."""
        with self._lock:
            lane = self._lanes[host]
            if started >= lane.cooled_at:
                lane.cooldowns = 0

    def back_off(self, tries: int) -> None:
        """Wait before the next attempt; the time doubles with each failed attempt.

        Args:
            tries: Number of failed attempts.

        Raises:
            RunError: The stop event was set.
        """
        self._sleep(self._back_off(tries - 1))

    def _back_off(self, previous: int) -> float:
        jitter = 1 + random.uniform(0, JITTER)  # noqa: S311
        return min(self._first_wait * 2.0 ** min(previous, 30) * jitter, self._max_cooldown)

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(max(0.0, seconds)):
            raise RunError("interrupted; run the same command again to resume")


def seconds_of(retry_after: str) -> float:
    """Seconds of a Retry-After header (a number or an HTTP date); 0 if invalid or in the past."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
