"""Detection of reviews that a site has deleted."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from pipeline.crawl.history import last_complete
from pipeline.crawl.summary import CrawlSummary
from pipeline.crawl.target_lists import TargetLists
from pipeline.reviews.store import Store


class Deletion:
    """Marks the reviews of a source as deleted that two complete full crawls did not find.

    Args:
        store: Store of the reviews.
        source: Name of the source.
        plan: Hash of the settings of the crawl; both crawls must have the same.
        max_share: Largest share of the reviews that may be marked.
        lists: Lists of the source's targets, each of which needs its own two complete full crawls;
            None if the source has no targets.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        plan: str,
        max_share: float,
        lists: TargetLists | None = None,
    ) -> None:
        self._store, self._source, self._plan = store, source, plan
        self._max_share, self._lists = max_share, lists

    def __repr__(self) -> str:
        return f"Deletion({self._source!r})"

    def mark(self, connection: sa.Connection, crawl: int, summary: CrawlSummary) -> None:
        """Mark deleted reviews at the end of a complete full crawl.

        Adds the numbers to the summary: ``deleted``, and ``missing`` for reviews that are not
        marked, with a notice if they are more than ``max_share``.

        Args:
            connection: Connection of the caller's transaction.
            crawl: Number of the crawl.
            summary: Summary of the crawl.
        """
        groups = self._lists.seen if self._lists else None
        count = self._store.count(connection, self._source, groups)
        missing = self._store.count_unseen(connection, self._source, crawl, groups)
        before = last_complete(connection, self._source, self._plan, crawl)
        if missing > self._max_share * count:
            summary.notices.append(
                f"{missing:,} of {count:,} reviews ({missing / count:.0%}) are missing, more than "
                f"source.max_deleted_share = {self._max_share:g}: not marked as deleted; if the "
                "site did delete them, run again with --full --yes-delete"
            )
        elif missing and self._lists:
            proof = self._lists.proof
            deleted = self._store.mark_deleted(connection, self._source, proof, groups)
            summary.add("reviews", +Counter(deleted=deleted))
            missing -= deleted
        elif missing and before:
            deleted = self._store.mark_deleted(connection, self._source, before)
            summary.add("reviews", +Counter(deleted=deleted))
            missing -= deleted
        summary.add("reviews", +Counter(missing=missing))
