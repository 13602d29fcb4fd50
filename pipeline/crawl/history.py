"""Tables of crawls and of the request queue, in the database of the reviews."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.store import now_utc
from pipeline.storage.database import metadata

logger = logging.getLogger(__name__)

crawls = sa.Table(
    "crawls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("plan", sa.Text, nullable=False),  # hash of the settings, see Crawl
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("started", sa.Text, nullable=False),
    sa.Column("finished", sa.Text, nullable=False),  # empty: active or killed
    sa.Column("complete", sa.Boolean, nullable=False),  # finished without failed pages
    sa.Column("summary", sa.Text, nullable=False),
)
queue = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("crawl", sa.ForeignKey("crawls.id"), nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # todo -> leased -> done, or lost
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("leased", sa.Float, nullable=False),  # seconds since 1970
    sa.UniqueConstraint("crawl", "fingerprint"),
    sa.Index("requests_by_state", "crawl", "state", "id"),
)

lists = sa.Table(
    "lists",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("crawl", sa.Integer, nullable=False),  # last crawl of this list
    sa.Column("full", sa.Boolean, nullable=False),  # that crawl fetches all pages of the list
    sa.Column("failed", sa.Boolean, nullable=False),  # a page of the list failed in that crawl
    sa.Column("doubtful", sa.Boolean, nullable=False),  # that crawl may have left it too early
    sa.Column("cut", sa.Boolean, nullable=False),  # that crawl may not have seen all reviews
    sa.Column("complete", sa.Boolean, nullable=False),  # ended, neither failed nor doubtful
    sa.Column("proved", sa.Integer, nullable=False),  # last crawl that saw all reviews, 0: none
    sa.Column("plan", sa.Text, nullable=False),  # hash of the settings of that crawl
)
"""The list of each target of a source; a source without targets has no rows here."""


def begin_crawl(connection: sa.Connection, source: str, plan: str, *, full: bool) -> Any:
    """Start a crawl and abandon unfinished crawls of the source.

    Args:
        connection: Connection of the caller's transaction.
        source: Name of the source.
        plan: Hash of the settings, see :class:`~pipeline.crawl.engine.Crawl`.
        full: Fetch every page. Always True if the last crawl of the source was not complete, or had
            another plan: its reviews may have been parsed in another way, or be on other pages.

    Returns:
        A row with the ``id`` of the crawl and whether it is ``full``.
    """
    of_source = crawls.c.source == source
    last = sa.select(crawls.c.complete, crawls.c.plan).where(of_source)
    before = connection.execute(last.order_by(crawls.c.id.desc()).limit(1)).one_or_none()
    if before and before.complete and before.plan != plan and not full:
        logger.info("the settings of the source have changed: fetching all pages")
    full = full or before is None or not before.complete or before.plan != plan
    unfinished = of_source & (crawls.c.finished == "")
    for crawl in connection.scalars(sa.select(crawls.c.id).where(unfinished)).all():
        end_crawl(connection, crawl, complete=False)
    summary = json.dumps(CrawlSummary([source], full=full).as_dict())
    row = {"source": source, "plan": plan, "full": full, "started": now_utc(), "summary": summary}
    statement = crawls.insert().values(**row, finished="", complete=False)
    return connection.execute(statement.returning(crawls.c.id, crawls.c.full)).one()


def end_crawl(connection: sa.Connection, crawl: int, *, complete: bool) -> bool:
    """End a crawl and delete its queue; returns False if it had already ended."""
    unfinished = (crawls.c.id == crawl) & (crawls.c.finished == "")
    statement = crawls.update().where(unfinished).values(finished=now_utc(), complete=complete)
    if not connection.execute(statement).rowcount:
        return False
    connection.execute(queue.delete().where(queue.c.crawl == crawl))
    return True


def last_complete(connection: sa.Connection, source: str, plan: str, before: int) -> int:
    """Number of the last complete full crawl before a given crawl; 0 if there is none.

    Args:
        connection: Connection of the caller's transaction.
        source: Name of the source.
        plan: Hash of the settings of the crawl.
        before: Number of the given crawl.
    """
    query = sa.select(crawls.c.id, crawls.c.summary).where(
        crawls.c.source == source,
        crawls.c.plan == plan,
        crawls.c.full,
        crawls.c.complete,
        crawls.c.id < before,
    )
    for crawl, summary in connection.execute(query.order_by(crawls.c.id.desc())):
        if not json.loads(summary)["is_cut"]:
            return int(crawl)
    return 0


def read_summary(connection: sa.Connection, crawl: int) -> CrawlSummary:
    """The summary so far; locks the row until the transaction ends."""
    query = sa.select(crawls.c.summary).where(crawls.c.id == crawl).with_for_update()
    found = json.loads(connection.scalars(query).one())
    found.pop("days", None)  # written by earlier versions
    return CrawlSummary(**found)


def write_summary(connection: sa.Connection, crawl: int, summary: CrawlSummary) -> None:
    """Save the summary."""
    text = json.dumps(summary.as_dict(), ensure_ascii=False)
    connection.execute(crawls.update().where(crawls.c.id == crawl).values(summary=text))


def forget_messages(connection: sa.Connection, sources: Sequence[str]) -> None:
    """Delete the messages of past crawls, which may quote reviews."""
    query = sa.select(crawls.c.id).where(crawls.c.source.in_(sources))
    for crawl in connection.scalars(query).all():
        summary = read_summary(connection, crawl)
        summary.notices, summary.failed = [], {}
        write_summary(connection, crawl, summary)
