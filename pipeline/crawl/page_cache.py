"""Validators (ETag, Last-Modified) and content of pages, kept for answers with status 304."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from pipeline.crawl.parse.urls import Secrets
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.stored_request import dump_request, load_request
from pipeline.reviews.store import Key
from pipeline.storage.database import Database, metadata

_pages = sa.Table(
    "pages",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("last_modified", sa.Text, nullable=False),
    sa.Column("reviews", sa.Text, nullable=False),  # JSON: keys of the page's reviews
    sa.Column("requests", sa.Text, nullable=False),  # JSON: requests that the page leads to
    sa.Column("next_page", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class Remembered:
    """Content of a page when it was last fetched.

    Attributes:
        etag: ETag header, may be empty.
        last_modified: Last-Modified header, may be empty.
        reviews: Keys of the page's reviews.
        requests: Requests that the page led to.
        next_page: Next page of its list, None at the end.
    """

    etag: str
    last_modified: str
    reviews: list[Key]
    requests: list[Request]
    next_page: Request | None


class PageCache:
    """What earlier crawls of a source remembered of its pages.

    Args:
        database: Database of the pages.
        source: Name of the source.
        plan: Hash of the settings that determine which pages exist and how they are parsed.
        secrets: Secrets of the settings, which are not stored.
    """

    def __init__(
        self, database: Database, source: str, plan: str, secrets: Secrets | None = None
    ) -> None:
        self._secrets = secrets or Secrets()
        self._database, self._source, self._plan = database, source, plan
        with database.reading() as connection:
            of_source = _pages.c.source == source
            self._is_filled = connection.scalar(sa.select(sa.exists().where(of_source)))

    def __repr__(self) -> str:
        return f"PageCache({self._source!r})"

    def remember(
        self, connection: sa.Connection, request: Request, page: Page, parsed: Parsed
    ) -> None:
        """Save a page's validators and content, for when the server answers 304 next time."""
        key = {"source": self._source, "fingerprint": request.fingerprint}
        connection.execute(_pages.delete().filter_by(**key))
        if page.etag or page.last_modified:
            row = {
                "plan": self._plan,
                "etag": page.etag,
                "last_modified": page.last_modified,
                "reviews": json.dumps([(one.review_id, one.aspect) for one in parsed.reviews]),
                "requests": json.dumps([self._dump(one) for one in parsed.requests]),
                "next_page": self._dump(parsed.next_page) if parsed.next_page else "",
            }
            connection.execute(_pages.insert().values(**key, **row))

    def recall(self, request: Request) -> Remembered | None:
        """What :meth:`remember` saved in an earlier crawl with the same plan, else None."""
        if not self._is_filled:
            return None
        query = _pages.select().filter_by(
            source=self._source, fingerprint=request.fingerprint, plan=self._plan
        )
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Remembered(
            etag=row.etag,
            last_modified=row.last_modified,
            reviews=[(review_id, aspect) for review_id, aspect in json.loads(row.reviews)],
            requests=[self._load(one) for one in json.loads(row.requests)],
            next_page=self._load(row.next_page) if row.next_page else None,
        )

    def _dump(self, request: Request) -> str:
        return dump_request(request, self._secrets)

    def _load(self, stored: str) -> Request:
        return load_request(stored, self._secrets)


def forget_pages(connection: sa.Connection, sources: Sequence[str]) -> None:
    """Delete the saved validators of pages, so that the next crawl parses them again."""
    connection.execute(_pages.delete().where(_pages.c.source.in_(sources)))
