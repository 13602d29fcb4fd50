"""Prefect artifacts of a run: progress, tables and the evaluation."""

from __future__ import annotations

import contextvars
import logging
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from prefect.artifacts import (
    Artifact,
    MarkdownArtifact,
    TableArtifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run

from pipeline import progress
from pipeline.crawl.summary import CrawlSummary
from pipeline.evaluate.promotion import Decision
from pipeline.evaluate.records import Metrics
from pipeline.model.registry import Version
from pipeline.report.formatting import FIGURES, WORDINGS, verdict
from pipeline.report.models import complaints
from pipeline.report.phrases import Phrases

logger = logging.getLogger(__name__)

UPDATE_SECONDS = 2.0
MAX_VERSIONS = 10
"""Number of model versions in the evaluation artifact, newest first."""


class _ArtifactTask:
    """Progress of a loop, shown both as an artifact and by another reporter.

    The artifact is made after the first ``UPDATE_SECONDS``, or at the end of a shorter loop: a run
    has a dozen of those, each of which then takes one request.
    """

    def __init__(self, inner: progress.Task, key: str, total: int | None) -> None:
        self.inner, self.key, self.total = inner, key, total
        self.artifact: UUID | None = None
        self.done, self.sent = 0, time.monotonic()
        self.note = ""
        self._of_run = contextvars.copy_context()  # steps may be reported by other threads

    def advance(self, steps: int = 1, note: str = "", found: int = 0) -> None:
        self.inner.advance(steps, note, found)
        self.done += steps
        self.note = note or self.note
        if self.total is not None:
            self.total += found
        if time.monotonic() - self.sent >= UPDATE_SECONDS:
            self.send()

    def send(self) -> None:
        """Show the progress of the loop."""
        if self.total:
            self._update(100 * self.done / self.total, f"{self._counter} {self.note}")

    def end(self, *, failed: bool) -> None:
        """Show that the loop has ended: as complete, even if it stopped early."""
        if not self.total:
            return
        if failed:
            share, words = 100 * self.done / self.total, f"failed after {self._counter}"
        elif self.done < self.total:
            share, words = 100.0, f"stopped early after {self._counter}"
        else:
            share, words = 100.0, self._counter
        self._update(share, f"{words} {self.note}")

    @property
    def _counter(self) -> str:
        return f"{self.done:,} of {self.total:,}"

    def _update(self, share: float, description: str) -> None:
        self.sent = time.monotonic()
        values = {"progress": min(100.0, share), "description": description.strip()}
        if self.artifact is not None:
            _call_safely(update_progress_artifact, artifact_id=self.artifact, **values)
        elif self.key:
            self.artifact = self._of_run.run(
                _call_safely, create_progress_artifact, key=self.key, **values
            )
            self.key = ""  # not tried again


class DashboardReporter:
    """Shows progress in the Prefect dashboard and with another reporter.

    Args:
        inner: The other reporter.
    """

    def __init__(self, inner: progress.Reporter) -> None:
        self._inner = inner

    def start(self, what: str, total: int | None) -> _ArtifactTask:
        """Start a loop; see :class:`pipeline.progress.Reporter`."""
        key = "".join(letter if letter.isalnum() else "-" for letter in what.lower())
        return _ArtifactTask(self._inner.start(what, total), key if total else "", total)

    def finish(self, task: progress.Task, *, failed: bool = False) -> None:
        """Finish a loop; shows 100 %, or how far it was when it failed."""
        if isinstance(task, _ArtifactTask):
            task.end(failed=failed)
            self._inner.finish(task.inner, failed=failed)


def show_crawl(summary: CrawlSummary) -> None:
    """Create a table artifact with the counters of a crawl."""
    pages = [("pages", summary.pages), ("failed pages", summary.failures)]
    counted = [
        *(pages if summary.pages or summary.failures else ()),  # not for a file
        *((f"requests: {outcome}", number) for outcome, number in summary.requests.items()),
        *((f"reviews: {status}", number) for status, number in summary.reviews.items()),
        *((f"skipped: {reason}", number) for reason, number in summary.skipped.items()),
        *((f"not understood: {kind}", number) for kind, number in summary.unread.items()),
        *(
            (f"{one['sources'][0]}: {status}", number)
            for one in summary.by_source
            for status, number in one["reviews"].items()
        ),
    ]
    rows = [{"counter": name, "value": number} for name, number in counted]
    _show(TableArtifact, table=rows, key="crawl", description="Crawl summary")


def show_evaluation(
    metrics: Metrics,
    kind: str,
    decision: Decision,
    version: Version,
    versions: Sequence[Version],
    report: str,
) -> None:
    """Create a Markdown artifact: verdict, metrics, promotion and recent versions.

    Args:
        metrics: Content of ``metrics.json``.
        kind: Kind of the prediction target.
        decision: Whether and why the model was promoted.
        version: Version of the evaluated model.
        versions: All versions of the workspace, oldest first.
        report: URL of the report.
    """
    say, wording = Phrases("en"), WORDINGS[kind]
    found = verdict(metrics, wording, say)
    figures = {name: metrics[name]["figures"] for name in ("network", "baseline")}
    lines = [
        f"## {found['text']}",
        *(f"- {caution}" for caution in found["cautions"]),
        "",
        complaints(metrics, say),
        "",
        f"Model {version.number} is the **{version.status}**: {decision.reason}.",
        "",
        f"[Report]({report})",
        "",
        "| | network | baseline |",
        "|---|---|---|",
        *(
            f"| {say('figure_' + name)} | {wording.figure(figures['network'][name]['value'])} "
            f"| {wording.figure(figures['baseline'][name]['value'])} |"
            for name in FIGURES
            if all(name in of_model for of_model in figures.values())
        ),
        "",
        "| version | made | metric | network | baseline | status |",
        "|---|---|---|---|---|---|",
        *(
            f"| {one.number} | {one.made[:16].replace('T', ' ')} "
            f"| {say('figure_' + one.metric) if one.metric else ''} | {_figure(one.network)} "
            f"| {_figure(one.baseline)} | {one.status} |"
            for one in [*reversed(versions)][:MAX_VERSIONS]
        ),
    ]
    _show(
        MarkdownArtifact,
        markdown="\n".join(lines),
        key="evaluation",
        description=str(found["text"]),
    )


def show_unlabeled(found: str, report: str) -> None:
    """Create a Markdown artifact for a run without labels.

    Args:
        found: Number of complaints, in a sentence.
        report: URL of the report.
    """
    lines = [f"## {Phrases('en')('unchecked')}", "", f"{found}. [Report]({report})"]
    _show(MarkdownArtifact, markdown="\n".join(lines), key="evaluation", description=found)


def show_new_reviews(summary: dict[str, Any]) -> None:
    """Create a table artifact with the most negative of the new reviews."""
    has_groups = any(row["group"] for row in summary["worst"])
    rows = [
        {
            "positive": f"{row['positive']:.0%}",
            "review": row["text"][:200],
            **({"group": row["group"]} if has_groups else {}),
        }
        for row in summary["worst"]
    ]
    description = f"{summary['new']:,} new review{'' if summary['new'] == 1 else 's'}"
    if summary["new"]:
        description += f", {summary['negative']:,} negative; the most negative ones"
    _show(TableArtifact, table=rows, key="new-reviews", description=description)


def _show(kind: type[Artifact], **values: Any) -> None:
    """Create an artifact of the whole run: a subflow's page is not where people look first."""
    _call_safely(_create, kind=kind, **values)


def _create(kind: type[Artifact], **values: Any) -> None:
    kind(flow_run_id=UUID(flow_run.root_flow_run_id), **values).create()


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _call_safely(call: Any, **values: Any) -> Any:
    """Call the Prefect API; on failure log a warning, so that the run continues."""
    try:
        return call(**values)
    except Exception as error:
        key = values.get("key", "progress")
        logger.warning("could not update the artifact %s in the dashboard: %s", key, error)
        return None
