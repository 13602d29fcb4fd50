"""The persistent request queue of a crawl.

The queue is in the database of the reviews, so that one transaction stores a page's reviews,
queues the requests that it leads to and marks it as done. A killed crawl resumes from the queue;
no page is fetched again after its transaction.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipeline.crawl.history import (
    begin_crawl,
    crawls,
    end_crawl,
    queue,
    read_summary,
    write_summary,
)
from pipeline.crawl.parse.urls import Secrets
from pipeline.crawl.sites.base import Request
from pipeline.crawl.stored_request import dump_request, load_request
from pipeline.crawl.summary import CrawlSummary
from pipeline.runtime import is_alive, start_of
from pipeline.storage.database import Database

logger = logging.getLogger(__name__)

LEASE_SECONDS = 900.0
"""Time after which a request leased by another process expires."""


@dataclass(frozen=True)
class Lease:
    """A request that is reserved for this process."""

    id: int
    request: Request


class Begun(NamedTuple):
    """A crawl that has started.

    Attributes:
        crawl: Number of the crawl.
        full: Whether every page is fetched.
        is_new: False if an interrupted crawl was resumed.
    """

    crawl: int
    full: bool
    is_new: bool


class Frontier:
    """The request queue (frontier) of one crawl of one source.

    Methods that take a connection run in the caller's transaction.

    Args:
        database: Database of the queue.
        source: Name of the source.
        plan: Hash of the settings that determine which pages exist and how they are parsed.
        full: Fetch every page. Always True if the last crawl of the source was not complete.
        begun: Crawl that another process started. None: resume an interrupted crawl or start a
            new one.
        secrets: Secrets of the settings, which are not stored.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        plan: str,
        *,
        full: bool,
        begun: Begun | None = None,
        secrets: Secrets | None = None,
    ) -> None:
        self._secrets = secrets or Secrets()
        self._database, self._source, self._plan = database, source, plan
        token = f"{token_hex(4)}@{start_of(os.getpid())}"
        self._owner = f"{socket.gethostname()} {os.getpid()} {token}"
        self._waited_for: set[str] = set()
        with database.transaction() as connection:
            self.begun = begun or self._begin(connection, full)

    @property
    def crawl(self) -> int:
        """Number of the crawl."""
        return self.begun.crawl

    @property
    def full(self) -> bool:
        """Whether every page is fetched."""
        return self.begun.full

    @property
    def is_new(self) -> bool:
        """False if an interrupted crawl was resumed."""
        return self.begun.is_new

    def __repr__(self) -> str:
        return f"Frontier({self._source!r}, crawl={self.crawl})"

    def add(self, connection: sa.Connection, requests: Iterable[Request]) -> list[Request]:
        """Queue requests; returns those that were not queued before in this crawl."""
        wanted = {request.fingerprint: request for request in requests}
        if not wanted:
            return []
        of_crawl = queue.c.crawl == self.crawl
        query = sa.select(queue.c.fingerprint).where(of_crawl)
        for fingerprint in connection.scalars(query.where(queue.c.fingerprint.in_(wanted))):
            del wanted[fingerprint]
        if wanted:
            rows = [
                {"crawl": self.crawl, "fingerprint": fingerprint, "state": "todo", "owner": "",
                 "request": dump_request(request, self._secrets), "leased": 0.0}
                for fingerprint, request in wanted.items()
            ]  # fmt: skip
            connection.execute(queue.insert(), rows)
        return list(wanted.values())

    def lease(self, connection: sa.Connection, wanted: Request | None = None) -> Lease | None:
        """Reserve a queued request, by default the oldest; None if there is none."""
        first = sa.select(queue.c.id).where(queue.c.crawl == self.crawl)
        if wanted:
            first = first.where(queue.c.fingerprint == wanted.fingerprint)
        first = first.where(queue.c.state == "todo").order_by(queue.c.id).limit(1)
        statement = (
            queue.update()
            .where(queue.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
            .values(state="leased", owner=self._owner, leased=time.time())
            .returning(queue.c.id, queue.c.request)
        )
        row = connection.execute(statement).one_or_none()
        return Lease(row.id, load_request(row.request, self._secrets)) if row else None

    def settle(self, connection: sa.Connection, lease: Lease, state: str) -> bool:
        """End a lease.

        Args:
            connection: Connection of the caller's transaction.
            lease: The lease.
            state: ``done``, ``lost`` (failed) or ``todo`` (queued again).

        Returns:
            False if the lease has expired and the request was queued again.
        """
        own = (queue.c.id == lease.id) & (queue.c.owner == self._owner)
        own &= queue.c.state == "leased"
        return connection.execute(queue.update().where(own).values(state=state)).rowcount == 1

    def take_back(self) -> int:
        """Queue the requests of dead processes again; returns the number of active leases."""
        with self._database.transaction() as connection:
            leased = (queue.c.crawl == self.crawl) & (queue.c.state == "leased")
            query = sa.select(queue.c.owner, sa.func.min(queue.c.leased), sa.func.count())
            active = 0
            for owner, since, count in connection.execute(
                query.where(leased).group_by(queue.c.owner)
            ):
                if self._is_dead(owner, since):
                    again = queue.update().where(leased, queue.c.owner == owner)
                    connection.execute(again.values(state="todo"))
                    logger.info(
                        "fetching again %d pages that an ended process left unfinished", count
                    )
                else:
                    active += count
                    if owner != self._owner and owner not in self._waited_for:
                        self._waited_for.add(owner)
                        logger.info("%d pages are being fetched by another process", count)
        return active

    def count(self, *states: str) -> int:
        """The number of requests in one of these states."""
        query = sa.select(sa.func.count()).where(
            queue.c.crawl == self.crawl, queue.c.state.in_(states)
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def read_summary(self, connection: sa.Connection) -> CrawlSummary:
        """The summary so far, of all processes; locks it until the transaction ends."""
        return read_summary(connection, self.crawl)

    def write_summary(self, connection: sa.Connection, summary: CrawlSummary) -> None:
        """Save the summary."""
        write_summary(connection, self.crawl, summary)

    def finish(self, connection: sa.Connection, *, complete: bool) -> bool:
        """End the crawl and delete its queue; returns False if another process has ended it."""
        return end_crawl(connection, self.crawl, complete=complete)

    def _begin(self, connection: sa.Connection, full: bool) -> Begun:
        _lock_source(connection, self._source)
        row = self._unfinished(connection, full)
        is_new = row is None
        row = row or begin_crawl(connection, self._source, self._plan, full=full)
        self._requeue_lost(connection, row.id)
        return Begun(row.id, row.full, is_new)

    def _unfinished(self, connection: sa.Connection, full: bool) -> Any:
        """The interrupted crawl to resume, None if there is none."""
        query = crawls.select().where(crawls.c.source == self._source, crawls.c.finished == "")
        query = query.where(crawls.c.plan == self._plan)
        if full:
            query = query.where(crawls.c.full)
        return connection.execute(query.order_by(crawls.c.id.desc()).limit(1)).one_or_none()

    def _requeue_lost(self, connection: sa.Connection, crawl: int) -> None:
        lost = (queue.c.crawl == crawl) & (queue.c.state == "lost")
        if connection.execute(queue.update().where(lost).values(state="todo")).rowcount:
            summary = read_summary(connection, crawl)
            summary.failures, summary.failed = 0, {}
            write_summary(connection, crawl, summary)

    def _is_dead(self, owner: str, since: float) -> bool:
        if owner == self._owner:
            return False
        if abs(time.time() - since) > LEASE_SECONDS:
            return True
        host, process, token = owner.rsplit(" ", 2)
        if host != socket.gethostname():
            return False
        is_own = int(process) == os.getpid()  # left by an earlier crawl or an earlier process
        return is_own or not is_alive(int(process), token.partition("@")[2])


def _lock_source(connection: sa.Connection, source: str) -> None:
    """Let only one process at a time start or resume a crawl of the source."""
    if connection.dialect.name == "postgresql":
        key = sa.func.hashtext(source)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
