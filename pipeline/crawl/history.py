"""The crawls of a source: when they began, what they saw, how they ended.

They lie in the database of the reviews, with the requests of those that are under way.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.store import now_utc
from pipeline.storage.database import metadata

crawls = sa.Table(
    "crawls",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False, index=True),
    sa.Column("plan", sa.Text, nullable=False),  # hash of what decides which pages there are
    sa.Column("full", sa.Boolean, nullable=False),
    sa.Column("started", sa.Text, nullable=False),
    sa.Column("finished", sa.Text, nullable=False),  # empty: under way, or killed
    sa.Column("complete", sa.Boolean, nullable=False),  # finished without a lost page
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


def begin_crawl(connection: sa.Connection, source: str, plan: str, *, full: bool) -> Any:
    """A new row of crawls; what was unfinished is given up.

    The crawl is full when that is asked for, or when the last one did not see everything.
    """
    of_source = crawls.c.source == source
    last = sa.select(crawls.c.complete).where(of_source).order_by(crawls.c.id.desc()).limit(1)
    full = full or not connection.scalar(last)
    unfinished = of_source & (crawls.c.finished == "")
    for crawl in connection.scalars(sa.select(crawls.c.id).where(unfinished)).all():
        end_crawl(connection, crawl, complete=False)
    summary = json.dumps(CrawlSummary([source], full=full).as_dict())
    row = {"source": source, "plan": plan, "full": full, "started": now_utc(), "summary": summary}
    statement = crawls.insert().values(**row, finished="", complete=False)
    return connection.execute(statement.returning(crawls.c.id, crawls.c.full)).one()


def end_crawl(connection: sa.Connection, crawl: int, *, complete: bool) -> bool:
    """End a crawl and forget its requests; False when it has ended before."""
    open_ = (crawls.c.id == crawl) & (crawls.c.finished == "")
    ended = crawls.update().where(open_).values(finished=now_utc(), complete=complete)
    if not connection.execute(ended).rowcount:
        return False
    connection.execute(queue.delete().where(queue.c.crawl == crawl))
    return True


def read_summary(connection: sa.Connection, crawl: int) -> CrawlSummary:
    """The summary so far; other processes wait until the transaction ends."""
    query = sa.select(crawls.c.summary).where(crawls.c.id == crawl).with_for_update()
    return CrawlSummary(**json.loads(connection.scalars(query).one()))


def write_summary(connection: sa.Connection, crawl: int, summary: CrawlSummary) -> None:
    """Keep the summary."""
    text = json.dumps(summary.as_dict(), ensure_ascii=False)
    connection.execute(crawls.update().where(crawls.c.id == crawl).values(summary=text))
