"""The crawl loop: lease a request, fetch and parse its page, store the result atomically."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from urllib.parse import urlsplit

from pipeline.crawl.deletion import Deletion
from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.leaving import Leaving
from pipeline.crawl.page_cache import PageCache
from pipeline.crawl.page_loader import PageLoader
from pipeline.crawl.parse.urls import Secrets, origin_of
from pipeline.crawl.queue import Begun, Frontier, Lease
from pipeline.crawl.recorder import Recorder
from pipeline.crawl.sites.base import Site
from pipeline.crawl.summary import CrawlSummary
from pipeline.crawl.target_lists import TargetLists, in_batches
from pipeline.errors import FetchError, GoneError, SourceError
from pipeline.progress import Task, track
from pipeline.reviews.store import Store
from pipeline.settings import SiteSource

logger = logging.getLogger(__name__)

MAX_CONSECUTIVE_FAILURES = 10
"""Consecutive failed pages after which the crawl gives up."""
IDLE_POLL_SECONDS = 0.5
"""Interval at which an idle thread checks for requests that other processes queued."""


class Crawl:
    """One crawl of one site in this process; other processes may share it.

    Args:
        site: Gives the first requests and parses pages.
        settings: Rate limits, page limits, ``look_back``.
        store: Store of the reviews and of the queue.
        plan: Hash of the settings that determine which pages exist and how they are parsed.
        full: Fetch every page, and mark reviews that the site no longer has as deleted.
        yes_delete: Mark them even if they are more than ``max_deleted_share`` of all.
        begun: Crawl that another process started. None: start a new crawl or resume an
            interrupted one.
        shares: Number of processes that share the crawl; each uses its share of the request rate.
    """

    def __init__(
        self,
        site: Site,
        settings: SiteSource,
        store: Store,
        *,
        plan: str,
        full: bool = False,
        yes_delete: bool = False,
        begun: Begun | None = None,
        shares: int = 1,
    ) -> None:
        self._site, self._settings, self._store = site, settings, store
        self._credentials = Credentials.of(settings)
        secrets = Secrets(settings.templates)
        self._frontier = Frontier(
            store.database, site.name, plan, full=full, begun=begun, secrets=secrets
        )
        pages = PageCache(store.database, site.name, plan, secrets)
        self._loader = PageLoader(site, store, pages, settings.fetch.max_tries)
        lists = TargetLists(site.name, plan, self._frontier.begun)
        self._lists = lists if settings.has_targets else None
        max_share = 1.0 if yes_delete else settings.max_deleted_share
        self._deletion = Deletion(store, site.name, plan, max_share, self._lists)
        leaving = Leaving(settings, self._frontier.begun)
        self._recorder = Recorder(site.name, store, self._frontier, pages, leaving, self._lists)
        self._shares = shares
        self._stop = threading.Event()
        self._new_requests = threading.Condition()
        self._errors: list[BaseException] = []
        self._consecutive_failures = 0
        self._started = time.monotonic()

    def __repr__(self) -> str:
        return f"Crawl({self._site.name!r})"

    def run(self) -> CrawlSummary:
        """Run the whole crawl: :meth:`begin`, :meth:`work`, :meth:`finish`."""
        self.begin()
        self.work()
        return self.finish()

    def begin(self) -> Begun:
        """Queue the first requests; returns what other processes need to join the crawl."""
        if not self._frontier.is_new:
            logger.info("resuming the interrupted crawl")
            if self._lists:
                with self._store.database.transaction() as connection:
                    self._lists.retry_failed(connection)
        for requests in in_batches(self._site.start()):
            with self._store.database.transaction() as connection:
                first = self._lists.enter(connection, requests) if self._lists else requests
                self._frontier.add(connection, first)
        return self._frontier.begun

    def work(self) -> None:
        """Fetch pages until the queue is empty. Fetched pages stay stored if this raises.

        Raises:
            SourceError: The first page does not match the settings.
            FetchError: The first page, or too many pages in a row, could not be fetched.
            WorkspaceError: The store cannot be read or written.
        """
        origins = {origin_of(request.url) for request in self._site.start()}
        hosts = {urlsplit(origin).hostname or "" for origin in origins}
        fetch = self._settings.fetch
        with (
            Fetcher(
                fetch,
                hosts,
                self._stop,
                shares=self._shares,
                credentials=self._credentials,
                origins=origins,
            ) as fetcher,
            track("crawl", self._frontier.count("todo", "leased")) as progress,
        ):
            self._run_threads(fetcher, progress)

    def watch(self, is_over: Callable[[], bool]) -> None:
        """Show the progress of other processes.

        Args:
            is_over: Called repeatedly until it returns True; it should sleep between checks.
        """
        ended = ("done", "lost")
        total, done = self._frontier.count("todo", "leased", *ended), 0
        with track("crawl", total) as progress:
            while not is_over():
                now = self._frontier.count(*ended)
                known = now + self._frontier.count("todo", "leased")
                with self._store.database.transaction() as connection:
                    note = self._frontier.read_summary(connection).note
                progress.advance(now - done, note=note, found=known - total)
                total, done = known, now

    def _run_threads(self, fetcher: Fetcher, progress: Task) -> None:
        """Run one thread per connection until the queue is empty or a thread raises."""
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
                    with self._new_requests:
                        self._new_requests.wait(IDLE_POLL_SECONDS)
                elif not self._frontier.count("todo"):
                    break
            if lease:
                self._give_back(lease)
        except BaseException as error:
            self._errors.append(error)
            self._stop.set()
        self._wake_idle_threads()

    def _wake_idle_threads(self) -> None:
        with self._new_requests:
            self._new_requests.notify_all()

    def _lease(self) -> Lease | None:
        with self._store.database.transaction() as connection:
            return self._frontier.lease(connection)

    def _give_back(self, lease: Lease) -> None:
        with self._store.database.transaction() as connection:
            self._frontier.settle(connection, lease, "todo")

    def _visit(self, lease: Lease, fetcher: Fetcher, progress: Task) -> Lease | None:
        """Fetch and store a page; returns the next request, leased in the same transaction."""
        try:
            page, content = self._loader.load(lease.request, fetcher)
        except (FetchError, SourceError) as error:
            self._fail(lease, error, fetcher, progress)
            return None
        except BaseException:
            self._give_back(lease)
            raise
        self._consecutive_failures = 0
        saved = self._recorder.save(lease, page, content, fetcher)
        if saved is None:
            return None
        if saved.queued:
            self._wake_idle_threads()
        progress.advance(note=saved.note, found=saved.queued)
        return saved.lease

    def _fail(
        self, lease: Lease, error: FetchError | SourceError, fetcher: Fetcher, progress: Task
    ) -> None:
        """Record a failed page; raise if it is the first page or one of too many in a row.

        A target whose first page does not exist does not count: other targets may exist.
        """
        is_one_of_many = lease.request.target and isinstance(error, GoneError)
        self._consecutive_failures += not is_one_of_many
        failed = self._recorder.fail(lease, error, fetcher)
        if failed is None:
            return
        if failed.is_first:
            raise error
        logger.warning("page failed: %s: %s", lease.request.place, error)
        progress.advance(note=failed.note)
        if self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES:
            raise FetchError(
                f"gave up after {self._consecutive_failures} failed pages in a row, the last: "
                f"{error}; fetched pages are stored, run the same command again to resume"
            )

    def finish(self) -> CrawlSummary:
        """End the crawl; a complete full crawl marks deleted reviews, see :class:`Deletion`.

        Raises:
            FetchError: More pages failed than ``max_failed_pages``. Fetched pages are stored.
        """
        with self._store.database.transaction() as connection:
            summary = self._frontier.read_summary(connection)
            complete = not summary.failures and not summary.gaps
            if self._frontier.finish(connection, complete=complete or self._lists is not None):
                if self._lists:
                    self._lists.finish(connection)
                    self._deletion.mark(connection, self._frontier.crawl, summary)
                    self._lists.prove(connection)
                elif self._frontier.full and complete and not summary.is_cut:
                    self._deletion.mark(connection, self._frontier.crawl, summary)
                self._frontier.write_summary(connection, summary)
        for notice in summary.notices:
            logger.warning("%s", notice)
        logger.info("%s in %.1f s", summary, time.monotonic() - self._started)
        if summary.failures > self._settings.max_failed_pages:
            lists = "these lists" if self._lists else "every page"
            raise FetchError(summary.explain_failures(f"the next crawl fetches {lists} again"))
        return summary
