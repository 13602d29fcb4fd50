"""Summary of a crawl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.crawl.skipped import Skipped, example, explain, not_understood
from pipeline.redact import printable
from pipeline.reviews.store import Status

CLASHING = (
    "different reviews have the same id and only the first of each is kept: name another id in "
    'source.fields.id (of a file: source.columns.id), or "" to recognize reviews by their content'
)
MAX_FAILURES_LISTED = 20
MAX_NOTICES = 100
NEXT_STEPS = {
    "ratings": "; see source.rating_pattern and source.rating_factor",
    "labels": "; see source.values",
}


OF_A_SOURCE = ("sources", "full", "pages", "reviews", "skipped", "failures")
"""The counters that are kept per source if there are several sources."""


@dataclass
class CrawlSummary:
    """Counters of a crawl, for the log and the report.

    Attributes:
        sources: Names of the sources in the store; the first is not held out.
        held_out: Name of the source that is used for testing only, empty if none.
        full: Whether every page was fetched; False for an incremental crawl.
        pages: Number of pages processed.
        requests: Number of HTTP requests by outcome (status or kind of failure).
        reviews: Number of reviews by status: ``new``, ``changed``, ``known``, ``repeated`` (seen
            twice in this crawl), ``deleted``, ``missing`` (not found by this full crawl, not yet
            marked as deleted). Aspects with their own text count as reviews.
        skipped: Number of unusable items or rows, by reason.
        first_skipped: Where in a file each reason occurs first, with the unusable value.
        unread: Number of values that are not understood, by kind: ``dates``, ``ratings``,
            ``labels``.
        first_unread: The first of these values, by kind, and where it is.
        notices: Messages about lists that were left early, and about ratings.
        is_cut: Whether a list was cut or ended unexpectedly, so that unseen reviews may exist.
        gaps: Number of lists that the crawl may have left too early.
        failed: Reason by URL of the first ``MAX_FAILURES_LISTED`` failed pages.
        failures: Number of failed pages.
        by_source: The counters of each source, if there are several.
    """

    sources: list[str]
    held_out: str = ""
    full: bool = True
    pages: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    reviews: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    first_skipped: dict[str, str] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    first_unread: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    is_cut: bool = False
    gaps: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    by_source: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, counts: Counter[str]) -> None:
        """Add counts to ``requests``, ``reviews`` or ``skipped``, given by name."""
        table: dict[str, int] = getattr(self, name)
        for key, count in counts.items():
            table[key] = table.get(key, 0) + count

    def add_saved(self, statuses: Sequence[Status]) -> None:
        """Add saved reviews; those whose id another review has are skipped."""
        counts = Counter[str](statuses)
        if clashing := counts.pop("clashing", 0):
            self.add("skipped", Counter({"repeated id": clashing}))
            if CLASHING not in self.notices:
                self.notices.append(CLASHING)
        self.add("reviews", counts)

    def add_skipped(self, skipped: Skipped) -> None:
        """Add the skipped rows of a file."""
        self.add("skipped", skipped)
        self.first_skipped = skipped.first | self.first_skipped

    def add_unread(self, kind: str, written: object, place: str = "") -> None:
        """Count a value that is not understood; the first of each kind is kept as an example."""
        self.unread[kind] = self.unread.get(kind, 0) + 1
        first = example(place, str(written))
        self.first_unread.setdefault(kind, f"in {first}" if place else first)

    @property
    def note(self) -> str:
        """The reviews so far and the failures, for a progress bar."""
        parts = [f"{count:,} {name}" for name, count in self.reviews.items()]
        if self.failures:
            parts.append(f"{self.failures:,} pages failed")
        return ", ".join(parts)

    def explain_failures(self, next_step: str) -> str:
        """The error message of a crawl with failed pages, with the listed pages."""
        (place, reason), *others = self.failed.items()
        pages = "page" if self.failures == 1 else "pages"
        also = f"; also failed: {', '.join(place for place, _ in others)}" if others else ""
        return (
            f"{self.failures} {pages} failed, the first {place}: {reason}{also}; "
            f"fetched pages are stored, {next_step}"
        )

    def drop_notices(self) -> None:
        """Keep the first ``MAX_NOTICES``, so that many lists do not make the summary long."""
        if len(self.notices) > MAX_NOTICES:
            self.notices[MAX_NOTICES:] = ["further notices about lists are not shown"]

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON-serializable data, without secrets of URLs."""
        found = asdict(self)
        found["notices"] = [printable(notice) for notice in self.notices]
        found["failed"] = {printable(url): printable(why) for url, why in self.failed.items()}
        return found

    def __str__(self) -> str:
        parts = [f"{count:,} {name}" for name, count in self.reviews.items()]
        read = f"{self.pages:,} pages in {sum(self.requests.values()):,} requests, "
        failed = f", {self.failures:,} pages failed" if self.failures else ""
        unread = "".join(
            f", {count:,} {not_understood(kind, count)} "
            f"(first {self.first_unread[kind]}{NEXT_STEPS.get(kind, '')})"
            for kind, count in self.unread.items()
        )
        skipped = ""
        if self.skipped:
            reasons = explain(self.skipped, self.first_skipped)
            skipped = f", {sum(self.skipped.values()):,} skipped: {reasons}"
        return (
            read if self.pages else ""
        ) + f"reviews: {', '.join(parts) or 'none'}{failed}{unread}{skipped}"


def of_all(summaries: Sequence[CrawlSummary]) -> CrawlSummary:
    """The combined summary of several sources, with the counters of each."""
    found = CrawlSummary([name for one in summaries for name in one.sources])
    found.held_out = ", ".join(one.held_out for one in summaries if one.held_out)
    found.full = all(one.full for one in summaries)
    found.is_cut = any(one.is_cut for one in summaries)
    for one in summaries:
        found.pages += one.pages
        found.gaps += one.gaps
        found.failures += one.failures
        for name in ("requests", "reviews", "skipped", "unread"):
            found.add(name, Counter(getattr(one, name)))
        found.first_skipped = one.first_skipped | found.first_skipped
        found.first_unread = one.first_unread | found.first_unread
        found.notices += one.notices
        found.failed |= one.failed
        found.by_source.append({name: getattr(one, name) for name in OF_A_SOURCE})
    found.drop_notices()
    return found
