"""When the next request to a host may begin."""

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
"""Largest share by which a back-off is lengthened at random."""


@dataclass
class _Lane:
    """A host's state; times are those of the clock."""

    delay: float
    free_at: float = 0.0
    cooled_at: float = 0.0
    cool_until: float = 0.0
    cooldowns: int = 0


class Pace:
    """A pace and a cooldown for each host, kept by all threads together.

    Args:
        delay: Seconds between the beginnings of two requests to a host.
        max_cooldown: Longest pause in seconds.
        stop: Ends all waiting at once when set.
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
        """Wait until a request to the host may begin; returns that time of the clock.

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
        """Leave at least ``delay`` seconds between requests to the host from now on."""
        with self._lock:
            lane = self._lanes[host]
            if delay <= lane.delay:
                return
            lane.free_at += delay - lane.delay
            lane.delay = delay
        logger.info("%s wants %g s between requests", host, delay)

    def cool_down(self, host: str, begun: float, retry_after: str = "") -> None:
        """Pause all requests to a host that said it has too many.

        Does nothing when the request was sent before the present cooldown began.

        Args:
            host: Which one.
            begun: What :meth:`wait` returned for the request.
            retry_after: The header: seconds or an HTTP date; anything else, the past or 0 among
                it, gives an exponential back-off.
        """
        with self._lock:
            lane = self._lanes[host]
            if begun < lane.cooled_at:
                return
            seconds = seconds_of(retry_after) or self._back_off(lane.cooldowns)
            seconds = min(seconds, self._max_cooldown)
            lane.cooldowns += 1
            lane.cooled_at = self._clock()
            lane.cool_until = lane.cooled_at + seconds
        logger.warning("%s has too many requests: paused for %.1f s", host, seconds)

    def recover(self, host: str, begun: float) -> None:
        """Note that the host answered, so that its next back-off is a first one again."""
        with self._lock:
            lane = self._lanes[host]
            if begun >= lane.cooled_at:
                lane.cooldowns = 0

    def back_off(self, tries: int) -> None:
        """Wait before a page is asked for again, the longer the more tries failed.

        Raises:
            RunError: The stop event was set.
        """
        self._sleep(self._back_off(tries - 1))

    def _back_off(self, before: int) -> float:
        longer = 1 + random.uniform(0, JITTER)  # noqa: S311
        return min(self._first_wait * 2.0 ** min(before, 30) * longer, self._max_cooldown)

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(max(0.0, seconds)):
            raise RunError("interrupted; run the same command again to go on")


def seconds_of(retry_after: str) -> float:
    """What a Retry-After header asks for in seconds, 0 where it asks for nothing that is ahead."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
