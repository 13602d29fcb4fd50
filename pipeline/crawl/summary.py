"""What a crawl did."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

FAILURES_NAMED = 20


@dataclass
class CrawlSummary:
    """What a crawl did, for people and for the report.

    Attributes:
        sources: Names under which the store keeps the reviews; the first is not held out.
        held_out: Name of the source that only the test may see, empty without one.
        full: Whether all pages were asked for, or lists left where they were known.
        pages: Pages read.
        requests: HTTP requests by outcome.
        reviews: Reviews by what they were to the store: ``new``, ``changed``, ``known``,
            ``repeated`` (seen twice in this crawl), ``deleted``. Aspects with a text of their own
            count as reviews.
        skipped: Items and rows that could not be used, by reason.
        notices: Where a list was left early, and why.
        is_cut: Whether a list was longer than it may be, or broke off, so that what the crawl did
            not see may still be there.
        gaps: Lists that an interrupted crawl may have left too early.
        failed: Pages that were lost, and why; the first ``FAILURES_NAMED``.
        failures: How many pages were lost.
        days: Reviews by the day they were written on.
    """

    sources: list[str]
    held_out: str = ""
    full: bool = True
    pages: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    reviews: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    is_cut: bool = False
    gaps: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    days: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, counts: Counter[str]) -> None:
        """Add counts to one of the tables."""
        table: dict[str, int] = getattr(self, name)
        for key, count in counts.items():
            table[key] = table.get(key, 0) + count

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        parts = [f"{count:,} {name}" for name, count in self.reviews.items()]
        read = f"{self.pages:,} pages in {sum(self.requests.values()):,} requests, "
        lost = f", {self.failures:,} pages lost" if self.failures else ""
        skipped = f", {sum(self.skipped.values()):,} items skipped" if self.skipped else ""
        return (
            read if self.pages else ""
        ) + f"reviews: {', '.join(parts) or 'none'}{skipped}{lost}"
