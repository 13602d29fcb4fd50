"""Progress reporting for long loops.

Stages call :func:`track`. :func:`set_reporter` selects how progress is shown: by default as log
lines (:class:`LogReporter`); the command line installs a progress bar on terminals.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)

LOG_INTERVAL_SECONDS = 10.0


class Task(Protocol):
    """Progress of one loop."""

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        """Report progress.

        Args:
            steps: Steps completed since the last call.
            note: Text to show beside the counter.
            found: Steps to add to the total.
        """


class Reporter(Protocol):
    """Shows the progress of loops."""

    def start(self, what: str, total: int | None) -> Task:
        """Start a loop named ``what`` with ``total`` steps, None if the number is unknown."""

    def finish(self, task: Task, *, failed: bool = False) -> None:
        """Mark the loop as finished, with fewer steps than the total if it stopped early.

        Args:
            task: The loop.
            failed: Whether an exception ended it.
        """


class _LogTask:
    def __init__(self, what: str, total: int | None) -> None:
        self.what, self.total, self.done = what, total, 0
        self.logged_at = time.monotonic()

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        self.done += steps
        if self.total is not None:
            self.total += found
        if time.monotonic() - self.logged_at >= LOG_INTERVAL_SECONDS:
            self.logged_at = time.monotonic()
            of = f" of {self.total:,}" if self.total else ""
            logger.info("%s: %s%s%s", self.what, f"{self.done:,}", of, f" {note}" if note else "")


class LogReporter:
    """Logs progress every ten seconds."""

    def start(self, what: str, total: int | None) -> Task:
        """Start a loop; see :class:`Reporter`."""
        return _LogTask(what, total)

    def finish(self, task: Task, *, failed: bool = False) -> None:
        """Do nothing: each stage logs its own result."""


_reporter: Reporter = LogReporter()


def set_reporter(reporter: Reporter) -> None:
    """Set the reporter that :func:`track` uses in this process."""
    global _reporter
    _reporter = reporter


def current_reporter() -> Reporter:
    """The reporter that :func:`track` uses."""
    return _reporter


@contextmanager
def track(what: str, total: int | None = None) -> Iterator[Task]:
    """Show the progress of a loop while the block runs.

    Args:
        what: Name of the loop.
        total: Number of steps, None if unknown.

    Yields:
        The task to call :meth:`Task.advance` on.
    """
    task = _reporter.start(what, total)
    try:
        yield task
    except BaseException:
        _reporter.finish(task, failed=True)
        raise
    _reporter.finish(task)
