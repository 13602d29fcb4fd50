"""Progress of a long loop, shown by whoever runs the stage.

A stage calls :func:`track`; what becomes of it is decided once, by :func:`set_reporter`: a bar on
a terminal, a line in the log every few seconds elsewhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 10.0


class Task(Protocol):
    """One loop whose progress is shown."""

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        """Report that so many more steps are done, and ``found`` more are to do."""


class Reporter(Protocol):
    """Shows loops."""

    def start(self, what: str, total: int | None) -> Task:
        """Begin to show a loop of ``total`` steps; None when nobody knows how many."""

    def finish(self, task: Task) -> None:
        """The loop has ended."""


class _LogTask:
    def __init__(self, what: str, total: int | None) -> None:
        self.what, self.total, self.done = what, total, 0
        self.spoken = time.monotonic()

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        self.done += steps
        if self.total is not None:
            self.total += found
        if time.monotonic() - self.spoken >= SECONDS_BETWEEN_LINES:
            self.spoken = time.monotonic()
            of = f" of {self.total:,}" if self.total else ""
            logger.info("%s: %s%s%s", self.what, f"{self.done:,}", of, f" {note}" if note else "")


class LogReporter:
    """Writes a line to the log every ten seconds."""

    def start(self, what: str, total: int | None) -> Task:
        """Begin a loop; see :class:`Reporter`."""
        return _LogTask(what, total)

    def finish(self, task: Task) -> None:
        """Say nothing: the stage logs its own result."""


_reporter: Reporter = LogReporter()


def set_reporter(reporter: Reporter) -> None:
    """Choose how all loops of this process are shown."""
    global _reporter
    _reporter = reporter


def current_reporter() -> Reporter:
    """How loops are shown now."""
    return _reporter


@contextmanager
def track(what: str, total: int | None = None) -> Iterator[Task]:
    """Show the progress of a loop for the time of the block."""
    task = _reporter.start(what, total)
    try:
        yield task
    finally:
        _reporter.finish(task)
