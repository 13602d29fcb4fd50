"""Output for people: lines on stderr, and progress bars on a terminal."""

from __future__ import annotations

import functools
import logging
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.prompt import Confirm
from rich.table import Table

from flows import log_records
from pipeline import progress
from pipeline.errors import InputError
from pipeline.redact import printable
from pipeline.report.phrases import Phrases

if TYPE_CHECKING:
    from pipeline.model.registry import Version


@functools.cache
def _stderr() -> Console:
    """The console for bars and log lines, created on first use because it reads ``NO_COLOR``."""
    return Console(stderr=True, highlight=False)


def configure(*, debug: bool) -> None:
    """Show the log of ``pipeline`` and the progress of its loops on stderr."""
    log_records.make_printable()
    _stderr.cache_clear()
    logger = logging.getLogger("pipeline")
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    progress.set_reporter(_BarReporter() if _stderr().is_terminal else progress.LogReporter())
    if _stderr().is_terminal:
        handler: logging.Handler = RichHandler(
            console=_stderr(), show_path=False, show_level=False, omit_repeated_times=False,
            log_time_format="%H:%M:%S",
        )  # fmt: skip
    else:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger.handlers = [handler]


def line(text: str) -> None:
    """Print a line that is not part of the command's result."""
    _stderr().print(escape(printable(text)), soft_wrap=True)


def lines(text: str) -> None:
    """Print lines, such as a traceback, with their indentation."""
    for one in text.splitlines():
        indentation = one[: len(one) - len(one.lstrip(" "))]
        line(indentation + one.strip())


def error(text: str) -> None:
    """Print an error on one line."""
    _stderr().print(f"[bold red]error:[/] {escape(printable(text))}", soft_wrap=True)


def versions(known: Sequence[Version]) -> None:
    """Print the versions of the model as a table, the newest first."""
    if not known:
        line("no model yet; train one with `review-sentiment run`")
        return
    say = Phrases("en")
    table = Table(box=None, pad_edge=False)
    for name in (
        *("version", "made", "metric", "network", "baseline", "rule", "behaviour", "status", "why"),
    ):
        table.add_column(name, overflow="fold")
    for one in reversed(known):
        table.add_row(
            str(one.number),
            one.made[:16].replace("T", " "),
            say.name("figure", one.metric),
            *("" if value is None else f"{value:.4f}" for value in (one.network, one.baseline)),
            one.rule,
            "" if one.passed is None else f"{one.passed:.0%}",
            one.status,
            escape(printable(one.reason)),
        )
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def confirm(question: str) -> bool:
    """Ask a yes-or-no question on the terminal.

    Raises:
        InputError: stdin is not a terminal.
    """
    if not sys.stdin.isatty():
        raise InputError(f"{question} not a terminal: pass --yes to confirm")
    return Confirm.ask(escape(question), console=_stderr(), default=False)


class _Bar:
    def __init__(self, bars: Progress, task: TaskID, total: int | None) -> None:
        self.bars, self.task, self.total = bars, task, total
        self.done, self.begun = 0, time.monotonic()

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        self.done += steps
        rate = f"{self.done / max(time.monotonic() - self.begun, 1e-3):,.1f}/s"
        self.bars.update(self.task, advance=steps, note=escape(printable(note)), rate=rate)
        if found and self.total is not None:
            self.total += found
            self.bars.update(self.task, total=self.total)


class _BarReporter:
    """A progress bar for each loop, removed when the loop ends."""

    def start(self, what: str, total: int | None) -> _Bar:
        bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=_stderr(),
            transient=True,
        )
        bars.start()
        return _Bar(bars, bars.add_task(what, total=total, note="", rate=""), total)

    def finish(self, task: progress.Task, *, failed: bool = False) -> None:
        if isinstance(task, _Bar):
            task.bars.stop()
