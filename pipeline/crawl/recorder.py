"""Results of pages: reviews, further requests and counters, each page in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import sqlalchemy as sa

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.leaving import Leaving
from pipeline.crawl.page_cache import PageCache, Remembered
from pipeline.crawl.queue import Frontier, Lease
from pipeline.crawl.sites.base import Page, Parsed
from pipeline.crawl.summary import MAX_FAILURES_LISTED, CrawlSummary
from pipeline.crawl.target_lists import TargetLists
from pipeline.crawl.undated import with_stored_ids
from pipeline.errors import FetchError, SourceError
from pipeline.reviews.store import Status, Store


class Saved(NamedTuple):
    """Result of saving a page.

    Attributes:
        lease: The next request, leased in the same transaction; None if there is none.
        queued: Number of requests that the page added to the queue.
        note: The reviews so far, for a progress bar.
    """

    lease: Lease | None
    queued: int
    note: str


class Failed(NamedTuple):
    """Result of recording a failed page.

    Attributes:
        is_first: Whether it is the first page of the crawl, without which it cannot go on.
        note: The reviews so far, for a progress bar.
    """

    is_first: bool
    note: str


class Recorder:
    """Records the results of pages.

    Args:
        source: Name of the source.
        store: Store of the reviews.
        frontier: Queue of the crawl.
        pages: Remembers pages for later crawls.
        leaving: Decides whether a list is followed.
        lists: Lists of the targets; None if the source has none.
    """

    def __init__(
        self,
        source: str,
        store: Store,
        frontier: Frontier,
        pages: PageCache,
        leaving: Leaving,
        lists: TargetLists | None,
    ) -> None:
        self._source, self._store, self._frontier = source, store, frontier
        self._pages, self._leaving, self._lists = pages, leaving, lists
        self._saved_outcomes: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"Recorder({self._source!r})"

    def save(
        self,
        lease: Lease,
        page: Page | None,
        content: Parsed | Remembered,
        fetcher: Fetcher,
    ) -> Saved | None:
        """Store reviews, queue new requests and mark the request as done.

        Args:
            lease: Lease of the request.
            page: The page; None if it does not exist.
            content: Content of the page.
            fetcher: Counts the requests of this process.

        Returns:
            None if another process has taken the request over.
        """
        request = lease.request
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            if not self._frontier.settle(connection, lease, "done"):
                return None
            gaps, was_cut, summary.is_cut = summary.gaps, summary.is_cut, False
            statuses = self._store_reviews(connection, lease, page, content, summary)
            next_pages = self._leaving.next_pages(request, content, statuses, summary)
            if self._lists:
                doubtful = summary.gaps > gaps
                self._lists.note(connection, request.target, doubtful=doubtful, cut=summary.is_cut)
            summary.is_cut |= was_cut
            queued = self._frontier.add(connection, [*content.requests, *next_pages])
            if next_pages and next_pages[0] not in queued:
                summary.notices.append(
                    f"{request.url}: links to a page that was already crawled, the list ends here"
                )
            summary.pages += 1
            summary.add_saved(statuses)
            self._write_summary(connection, summary, fetcher)
            wanted = next_pages[0] if next_pages and next_pages[0] in queued else None
            return Saved(self._frontier.lease(connection, wanted), len(queued), summary.note)

    def _store_reviews(
        self,
        connection: sa.Connection,
        lease: Lease,
        page: Page | None,
        content: Parsed | Remembered,
        summary: CrawlSummary,
    ) -> list[Status]:
        crawl = self._frontier.crawl
        if isinstance(content, Remembered):
            self._store.touch(connection, self._source, content.reviews, crawl)
            return ["known"] * len(content.reviews)
        summary.add("skipped", content.skipped)
        for kind, written in content.unread:
            summary.add_unread(kind, written)
        notices = (content.doubt, content.cut, *content.notices)
        summary.notices += (one for one in notices if one and one not in summary.notices)
        is_whole = not (content.doubt or content.cut or content.is_unproved)
        summary.is_cut |= not is_whole
        summary.gaps += bool(content.doubt)
        reviews = with_stored_ids(connection, self._source, content.reviews)
        content = replace(content, reviews=reviews)
        statuses = self._store.save(connection, self._source, reviews, crawl, keep_dates=True)
        if is_whole and page is not None:
            self._pages.remember(connection, lease.request, page, content)
        return statuses

    def fail(
        self, lease: Lease, error: FetchError | SourceError, fetcher: Fetcher
    ) -> Failed | None:
        """Record a failed page; the first page of the crawl goes back to the queue.

        Returns:
            None if another process has taken the request over.
        """
        target = lease.request.target
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            is_first = not summary.pages and not target
            if not self._frontier.settle(connection, lease, "todo" if is_first else "lost"):
                return None
            if not is_first:
                summary.failures += 1
                if len(summary.failed) < MAX_FAILURES_LISTED:
                    reason = str(error).removeprefix(f"{lease.request.url}: ")
                    summary.failed[lease.request.place] = reason
                if self._lists:
                    self._lists.note(connection, target, failed=True)
            self._write_summary(connection, summary, fetcher)
        return Failed(is_first, summary.note)

    def _write_summary(
        self, connection: sa.Connection, summary: CrawlSummary, fetcher: Fetcher
    ) -> None:
        """Save the summary, with the requests sent since the last call."""
        sent = fetcher.outcomes
        summary.add("requests", sent - self._saved_outcomes)
        self._saved_outcomes = sent
        summary.drop_notices()
        self._frontier.write_summary(connection, summary)
