"""A clock that does not let a test wait."""

from __future__ import annotations

import threading

TICK = 1e-6
"""Seconds from one reading to the next, so that no two are the same."""


class Clock(threading.Event):
    """A clock, and the stop event whose time-outs move it on at once.

    Attributes:
        waits: Seconds of each wait, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._now = 1_000.0
        self._turn = threading.Lock()

    def __call__(self) -> float:
        """The time in seconds."""
        return self.pass_by(TICK)

    def pass_by(self, seconds: float) -> float:
        """Move it on; returns the new time."""
        with self._turn:
            self._now += seconds
            return self._now

    def wait(self, timeout: float | None = None) -> bool:
        """Move it on by the time-out; returns whether the event is set, as its base does."""
        if timeout and not self.is_set():
            self.waits.append(timeout)
            self.pass_by(timeout)
        return self.is_set()
