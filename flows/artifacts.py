"""What the dashboard shows of a run beside its log: progress, tables, the evaluation."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from pipeline import progress
from pipeline.crawl.summary import CrawlSummary
from pipeline.evaluate.promotion import Decision
from pipeline.evaluate.records import Metrics
from pipeline.model.registry import Version
from pipeline.report.formatting import WORDINGS, verdict
from pipeline.report.phrases import Phrases

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_UPDATES = 2.0
TREND = 10
"""Versions that the evaluation shows, the newest first."""


class _Both:
    """A loop that is shown by another reporter too, with as much of it done as there is."""

    def __init__(self, shown: progress.Task, artifact: UUID | None, total: int | None) -> None:
        self.shown, self.artifact, self.total = shown, artifact, total
        self.done, self.sent = 0, time.monotonic()
        self.note = ""

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        self.shown.advance(steps, note, found)
        self.done += steps
        self.note = note or self.note
        if self.total is not None:
            self.total += found
        if time.monotonic() - self.sent >= SECONDS_BETWEEN_UPDATES:
            self.send()

    def send(self) -> None:
        self.sent = time.monotonic()
        if self.artifact is not None and self.total:
            of = f"{self.done:,} of {self.total:,}"
            _quietly(
                update_progress_artifact,
                artifact_id=self.artifact,
                progress=min(100.0, 100 * self.done / self.total),
                description=f"{of} {self.note}".strip(),
            )


class DashboardReporter:
    """Shows loops in Prefect's dashboard, beside where they were shown before."""

    def __init__(self, shown: progress.Reporter) -> None:
        self._shown = shown

    def start(self, what: str, total: int | None) -> _Both:
        """Begin a loop; see :class:`pipeline.progress.Reporter`."""
        artifact = None
        if total:
            key = "".join(letter if letter.isalnum() else "-" for letter in what.lower())
            artifact = _quietly(create_progress_artifact, progress=0.0, key=key, description=what)
        return _Both(self._shown.start(what, total), artifact, total)

    def finish(self, task: progress.Task) -> None:
        """The loop has ended; its last step is shown."""
        if isinstance(task, _Both):
            task.send()
            self._shown.finish(task.shown)


def show_crawl(summary: CrawlSummary) -> None:
    """A table of what a crawl met."""
    counted = [
        ("pages read", summary.pages),
        *((f"requests: {outcome}", number) for outcome, number in summary.requests.items()),
        *((f"reviews that were {what}", number) for what, number in summary.reviews.items()),
        *((f"skipped: {reason}", number) for reason, number in summary.skipped.items()),
        ("pages lost", summary.failures),
    ]
    rows = [{"what": what, "how many": number} for what, number in counted]
    _quietly(create_table_artifact, table=rows, key="crawl", description="What the crawl met")


def show_evaluation(
    metrics: Metrics,
    kind: str,
    decision: Decision,
    version: Version,
    versions: Sequence[Version],
    report: str,
) -> None:
    """The verdict, the key figures, what the gate said, and earlier versions."""
    say, wording = Phrases("en"), WORDINGS[kind]
    found = verdict(metrics, wording, say)
    figures = {name: metrics[name]["figures"] for name in ("network", "baseline")}
    lines = [
        f"## {found['text']}",
        *(f"- {caution}" for caution in found["cautions"]),
        "",
        f"Model {version.number} is the **{version.status}**: {decision.reason}.",
        "",
        f"[Report]({report})",
        "",
        "| | network | baseline |",
        "|---|---|---|",
        *(
            f"| {say('figure_' + name)} | {wording.figure(figure['value'])} "
            f"| {wording.figure(figures['baseline'][name]['value'])} |"
            for name, figure in figures["network"].items()
            if f"figure_{name}" in say.texts and name in figures["baseline"]
        ),
        "",
        "| version | made | network | baseline | status |",
        "|---|---|---|---|---|",
        *(
            f"| {one.number} | {one.made[:16].replace('T', ' ')} | {_figure(one.network)} "
            f"| {_figure(one.baseline)} | {one.status} |"
            for one in [*reversed(versions)][:TREND]
        ),
    ]
    _quietly(
        create_markdown_artifact,
        markdown="\n".join(lines),
        key="evaluation",
        description=str(found["text"]),
    )


def show_new_reviews(summary: dict[str, Any]) -> None:
    """How many new reviews there are, how positive, and the worst of them."""
    rows = [
        {"review": row["text"][:200], "group": row["group"], "positive": round(row["positive"], 3)}
        for row in summary["worst"]
    ]
    description = f"{summary['new']:,} new reviews"
    if summary["new"]:
        description += f", {summary['positive']:.0%} positive in the mean; the worst ones"
    _quietly(create_table_artifact, table=rows, key="new-reviews", description=description)


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _quietly(call: Any, **values: Any) -> Any:
    """A dashboard that does not answer is no reason for a run to fail."""
    try:
        return call(**values)
    except Exception as error:
        logger.warning("the dashboard was not told (%s): %s", values.get("key", "progress"), error)
        return None
