"""The loop of a crawl: take a request, fetch its page, read it, store all of it at once."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from urllib.parse import urlsplit

import sqlalchemy as sa

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.queue import Begun, Frontier, Lease, Remembered
from pipeline.crawl.sites.base import Page, Parsed, Request, Site
from pipeline.crawl.summary import FAILURES_NAMED, CrawlSummary
from pipeline.errors import FetchError, GoneError, SourceError
from pipeline.progress import Task, track
from pipeline.reviews.store import Status, Store
from pipeline.settings import SiteSource

logger = logging.getLogger(__name__)

NOT_MODIFIED = 304
REPEATED_PAGES = 3
"""Pages of one list with nothing but reviews of earlier pages after which the list is left.

One or two come of reviews that were written during the crawl and moved the others down.
"""
LOST_IN_A_ROW = 10
"""Pages lost one after the other after which a crawl gives up."""
SECONDS_BETWEEN_LOOKS = 0.5
"""How often an idle thread looks whether another process has left something to do."""


class Crawl:
    """One crawl of one site, by one process; others may share it.

    Args:
        site: Knows where to begin and how to read a page.
        settings: Pace, limits, look-back.
        store: Where reviews and the queue lie.
        plan: Hash of the settings that decide which pages there are and how they are read.
        full: Ask for every page, and note which reviews the site no longer has.
        begun: What another process has begun; unset: this one begins, or goes on with what was
            interrupted.
        shares: How many processes ask the site side by side, each at its share of the pace.
    """

    def __init__(
        self,
        site: Site,
        settings: SiteSource,
        store: Store,
        *,
        plan: str,
        full: bool = False,
        begun: Begun | None = None,
        shares: int = 1,
    ) -> None:
        self._site, self._settings, self._store = site, settings, store
        self._frontier = Frontier(store.database, site.name, plan, full=full, begun=begun)
        self._shares = shares
        self._stop = threading.Event()
        self._news = threading.Condition()
        self._errors: list[BaseException] = []
        self._reported: Counter[str] = Counter()
        self._lost_in_a_row = 0
        self._begun = time.monotonic()

    def __repr__(self) -> str:
        return f"Crawl({self._site.name!r})"

    def run(self) -> CrawlSummary:
        """Crawl to the end; see :meth:`begin`, :meth:`work` and :meth:`finish`."""
        self.begin()
        self.work()
        return self.finish()

    def begin(self) -> Begun:
        """Queue the first pages; returns what other processes need to know to work along."""
        with self._store.database.transaction() as connection:
            self._frontier.add(connection, self._site.start())
        if not self._frontier.is_new:
            logger.info("goes on with the crawl that was interrupted")
        return self._frontier.begun

    def work(self) -> None:
        """Fetch pages until none is left.

        Raises:
            SourceError: The site's pages have another shape than the settings describe.
            FetchError: So many pages were lost that it gives up. What was read is stored.
            WorkspaceError: The store cannot be written. What was read before is stored.
        """
        hosts = {urlsplit(request.url).hostname or "" for request in self._site.start()}
        fetch = self._settings.fetch
        with (
            Fetcher(fetch, hosts, self._stop, shares=self._shares) as fetcher,
            track("crawl", self._frontier.count("todo", "leased")) as progress,
        ):
            self._work_together(fetcher, progress)

    def watch(self, is_over: Callable[[], bool]) -> None:
        """Show how far other processes have come until ``is_over``, which may wait a little."""
        ended = ("done", "lost")
        total, done = self._frontier.count("todo", "leased", *ended), 0
        with track("crawl", total) as progress:
            while not is_over():
                now = self._frontier.count(*ended)
                known = now + self._frontier.count("todo", "leased")
                with self._store.database.transaction() as connection:
                    note = _note(self._frontier.read_summary(connection))
                progress.advance(now - done, note=note, found=known - total)
                total, done = known, now

    def _work_together(self, fetcher: Fetcher, progress: Task) -> None:
        """Let as many threads work as there may be connections, until one fails or all is done."""
        count = math.ceil(self._settings.fetch.connections / self._shares)
        with ThreadPoolExecutor(count, thread_name_prefix="crawl") as pool:
            workers = [pool.submit(self._work, fetcher, progress) for _ in range(count)]
            try:
                wait(workers)
            finally:
                self._stop.set()
        if self._errors:
            raise self._errors[0]

    def _work(self, fetcher: Fetcher, progress: Task) -> None:
        lease = None
        try:
            while not self._stop.is_set():
                if lease := lease or self._lease():
                    lease = self._visit(lease, fetcher, progress)
                elif self._frontier.take_back():
                    with self._news:
                        self._news.wait(SECONDS_BETWEEN_LOOKS)
                elif not self._frontier.count("todo"):
                    break
            if lease:
                self._give_back(lease)
        except BaseException as error:
            self._errors.append(error)
            self._stop.set()
        self._tell()

    def _tell(self) -> None:
        """Wake the threads that have nothing to do."""
        with self._news:
            self._news.notify_all()

    def _lease(self) -> Lease | None:
        with self._store.database.transaction() as connection:
            return self._frontier.lease(connection)

    def _give_back(self, lease: Lease) -> None:
        with self._store.database.transaction() as connection:
            self._frontier.settle(connection, lease, "todo")

    def _visit(self, lease: Lease, fetcher: Fetcher, progress: Task) -> Lease | None:
        """Fetch a page and store it; returns the next request, taken in the same transaction."""
        try:
            page, held = self._read(lease.request, fetcher)
        except GoneError as error:
            logger.info("%s", error)
            gone = Parsed(skipped=Counter({"page is gone": 1}))
            return self._keep(lease, None, gone, fetcher, progress)
        except (FetchError, SourceError) as error:
            self._lose(lease, error, fetcher, progress)
            return None
        except BaseException:
            self._give_back(lease)
            raise
        self._lost_in_a_row = 0
        return self._keep(lease, page, held, fetcher, progress)

    def _read(self, request: Request, fetcher: Fetcher) -> tuple[Page, Parsed | Remembered]:
        """Fetch a page and read it, or remember it when the site says that it is the same."""
        last = self._frontier.recall(request)
        if last is None or not self._store.has(self._site.name, last.reviews):
            page = fetcher.fetch(request)
        else:
            page = fetcher.fetch(request, etag=last.etag, last_modified=last.last_modified)
            if page.status == NOT_MODIFIED:
                return page, last
        return page, self._site.parse(request, page)

    def _keep(
        self,
        lease: Lease,
        page: Page | None,
        held: Parsed | Remembered,
        fetcher: Fetcher,
        progress: Task,
    ) -> Lease | None:
        """Store a page's reviews, where it leads to, and that it is done, in one transaction."""
        request, crawl = lease.request, self._frontier.crawl
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            if not self._frontier.settle(connection, lease, "done"):
                return None
            statuses: list[Status]
            if isinstance(held, Remembered):
                self._store.touch(connection, self._site.name, held.reviews, crawl)
                statuses = ["known"] * len(held.reviews)
            else:
                statuses = self._store.save(connection, self._site.name, held.reviews, crawl)
                summary.add("skipped", held.skipped)
                if page is not None:
                    self._frontier.remember(connection, request, page, held)
                elif request.number > 1:
                    summary.notices.append(f"{request.url}: the list ends here, its page is gone")
                    summary.is_cut = True
            following = self._following(request, held, statuses, summary)
            found = self._frontier.add(connection, [*held.requests, *following])
            if following and following[0] not in found:
                summary.notices.append(f"{request.url}: its next page was read before")
            summary.pages += 1
            summary.add("reviews", Counter(statuses))
            self._write(connection, summary, fetcher)
            following_lease = self._frontier.lease(connection)
        if found:
            self._tell()
        progress.advance(note=_note(summary), found=len(found))
        return following_lease

    def _following(
        self,
        request: Request,
        held: Parsed | Remembered,
        statuses: Sequence[Status],
        summary: CrawlSummary,
    ) -> list[Request]:
        """The next page of a list, unless the list is to be left here."""
        if held.next_page is None or (
            isinstance(held, Parsed) and not held.reviews and not held.skipped
        ):
            return []
        known, repeated = request.known, request.repeated + 1
        for status in statuses:
            if status != "repeated":
                repeated = 0
                known = known + 1 if status == "known" else 0
            if known >= self._settings.look_back and not self._frontier.full:
                return []
        if repeated >= REPEATED_PAGES:
            summary.notices.append(f"{request.url}: {repeated} pages in a row repeat earlier ones")
            summary.gaps += not self._frontier.is_new
            return []
        if request.number >= self._settings.max_pages:
            limit = f"source.max_pages = {self._settings.max_pages}"
            summary.notices.append(f"{request.url}: the list goes on beyond {limit}")
            summary.is_cut = True
            return []
        number = request.number + 1
        return [replace(held.next_page, number=number, known=known, repeated=repeated)]

    def _lose(
        self, lease: Lease, error: FetchError | SourceError, fetcher: Fetcher, progress: Task
    ) -> None:
        """Note that a page could not be had; give up when it is the first, or one of many."""
        self._lost_in_a_row += 1
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            is_first = not summary.pages
            if not self._frontier.settle(connection, lease, "todo" if is_first else "lost"):
                return
            if not is_first:
                summary.failures += 1
                if len(summary.failed) < FAILURES_NAMED:
                    summary.failed[lease.request.url] = str(error)
            self._write(connection, summary, fetcher)
        if is_first:
            raise error
        logger.warning("lost %s: %s", lease.request.url, error)
        progress.advance(note=_note(summary))
        if self._lost_in_a_row >= LOST_IN_A_ROW:
            raise FetchError(
                f"{self._lost_in_a_row} pages in a row were lost, the last of them: {error}; "
                "what was read is stored, run the same command again to go on from here"
            )

    def _write(self, connection: sa.Connection, summary: CrawlSummary, fetcher: Fetcher) -> None:
        """Keep the summary, with what was requested since it was last kept."""
        outcomes = Counter(fetcher.outcomes)
        summary.add("requests", outcomes - self._reported)
        self._reported = outcomes
        self._frontier.write_summary(connection, summary)

    def finish(self) -> CrawlSummary:
        """End the crawl; after a full one, what it did not see is no longer on the site.

        Raises:
            FetchError: More pages were lost than the settings allow. What was read is stored.
        """
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            complete = not summary.failures and not summary.gaps
            if self._frontier.finish(connection, complete=complete):
                if self._frontier.full and complete and not summary.is_cut:
                    crawl = self._frontier.crawl
                    deleted = self._store.mark_deleted(connection, self._site.name, crawl)
                    summary.add("reviews", Counter({"deleted": deleted} if deleted else {}))
                self._frontier.write_summary(connection, summary)
        for notice in summary.notices:
            logger.warning("%s", notice)
        logger.info("%s in %.1f s", summary, time.monotonic() - self._begun)
        if summary.failures > self._settings.max_failed_pages:
            url, reason = next(iter(summary.failed.items()))
            lost = "page was" if summary.failures == 1 else "pages were"
            raise FetchError(
                f"{summary.failures} {lost} lost, the first {url}: {reason}; "
                "what was read is stored, and the next crawl asks for every page again"
            )
        summary.days = self._store.days(self._site.name, self._frontier.crawl)
        return summary


def _note(summary: CrawlSummary) -> str:
    parts = [f"{count:,} {name}" for name, count in summary.reviews.items()]
    if summary.failures:
        parts.append(f"{summary.failures:,} pages lost")
    return ", ".join(parts)
