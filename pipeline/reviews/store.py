"""The review store: all reviews of all crawls, with earlier versions of edited reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.reviews.review import Review, day_of
from pipeline.reviews.rows import CONTENT, KEY, review_of, row_of
from pipeline.reviews.tables import hand_labels, review_versions, stored_reviews
from pipeline.settings import StoreSettings
from pipeline.storage.database import Database

Status = Literal["new", "changed", "known", "repeated", "clashing"]
"""Outcome of saving a review. ``repeated``: seen before in the same crawl.
``clashing``: not stored, since a review with the same id and other content was seen
before in the same crawl."""

_NEW = ("first_seen", "changed")
_IDS_PER_QUERY = 500

Key = tuple[str, str]
"""Key of a row within a source: review id and aspect."""


class Store:
    """Reviews by source, review id and aspect.

    Methods that take a connection run in the caller's transaction.

    Args:
        database: The database to use; its tables exist.

    Raises:
        WorkspaceError: The database cannot be read or written. All methods raise this.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def __repr__(self) -> str:
        return f"Store({self.database!r})"

    def save(
        self,
        connection: sa.Connection,
        source: str,
        reviews: Sequence[Review],
        crawl: int,
        *,
        keep_dates: bool = False,
    ) -> list[Status]:
        """Insert or update reviews; the old version of an edited review is kept.

        Args:
            connection: Connection of the caller's transaction.
            source: Name of the source.
            reviews: Reviews of one page or batch.
            crawl: Number of the crawl.
            keep_dates: Keep the stored date of a review that now has none.

        Returns:
            The status of each review, in order.
        """
        now = now_utc()
        rows = [row_of(review) for review in reviews]
        vague = [review.date_is_vague for review in reviews]
        known = self._known(connection, source, {row["review_id"] for row in rows})
        seen = {"crawl": crawl, "first_seen": now, "last_seen": now, "changed": "", "deleted": ""}
        new: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        to_touch: list[Key] = []
        to_date: list[dict[str, Any]] = []
        statuses: list[Status] = []
        for row, is_vague in zip(rows, vague, strict=True):
            key = row["review_id"], row["aspect"]
            digest, date, last_crawl = known.get(key, ("", "", 0))
            if keep_dates and not row["date"]:
                row["date"] = date
            if not digest:
                new.append(row | seen)
                statuses.append("new")
            elif digest != row["digest"] and last_crawl == crawl:
                statuses.append("clashing")
                continue
            elif digest != row["digest"]:
                changed.append(row)
                statuses.append("changed")
            else:
                to_touch.append(key)
                if row["date"] != date and not (is_vague and day_of(date)):
                    to_date.append({"id": key[0], "of": key[1], "day": row["date"]})
                statuses.append("repeated" if last_crawl == crawl else "known")
            known[key] = row["digest"], row["date"], crawl
        if new:
            connection.execute(stored_reviews.insert(), new)
        for row in changed:
            self._replace(connection, row, seen | {"changed": now})
        if to_date:
            statement = _one(source).values(date=sa.bindparam("day"))
            connection.execute(statement, to_date)
        self.touch(connection, source, to_touch, crawl)
        return statuses

    def has(self, source: str, keys: Sequence[Key]) -> bool:
        """Whether the store contains all of these reviews."""
        return set(keys) <= self.known(source, keys)

    def known(self, source: str, keys: Sequence[Key]) -> set[Key]:
        """The subset of the keys that the store contains, including deleted reviews."""
        with self.database.reading() as connection:
            found = self._known(connection, source, {key[0] for key in keys})
        return set(keys) & found.keys()

    def texts(self, source: str, keys: Iterable[Key]) -> dict[Key, str]:
        """The texts of the given reviews that the store contains, including deleted reviews."""
        wanted, found = set(keys), {}
        columns = [stored_reviews.c[name] for name in ("review_id", "aspect", "text")]
        with self.database.reading() as connection:
            for ids in _batches({key[0] for key in wanted}):
                query = sa.select(*columns).where(stored_reviews.c.source == source)
                for row in connection.execute(query.where(stored_reviews.c.review_id.in_(ids))):
                    found[row.review_id, row.aspect] = row.text
        return {key: text for key, text in found.items() if key in wanted}

    def touch(self, connection: sa.Connection, source: str, keys: Sequence[Key], crawl: int) -> int:
        """Mark reviews as seen and unchanged by a crawl; returns how many the store contains."""
        if not keys:
            return 0
        statement = _one(source).values(crawl=crawl, last_seen=now_utc(), deleted="")
        rows = [{"id": review_id, "of": aspect} for review_id, aspect in keys]
        return connection.execute(statement, rows).rowcount

    def mark_deleted(
        self,
        connection: sa.Connection,
        source: str,
        crawl: int | sa.ScalarSelect[Any],
        groups: sa.Select[Any] | None = None,
    ) -> int:
        """Mark reviews not seen since a crawl as deleted; returns their number.

        Args:
            connection: Connection of the caller's transaction.
            source: Name of the source.
            crawl: Number of the crawl, or a query that gives it for each review.
            groups: Query of the groups that the reviews must belong to; None for all.
        """
        unseen = stored_reviews.update().where(*_unseen(source, crawl), *_within(groups))
        return connection.execute(unseen.values(deleted=now_utc())).rowcount

    def count_unseen(
        self,
        connection: sa.Connection,
        source: str,
        crawl: int,
        groups: sa.Select[Any] | None = None,
    ) -> int:
        """The number of reviews, without deleted ones, not seen since a crawl."""
        query = sa.select(sa.func.count()).select_from(stored_reviews)
        return connection.scalar(query.where(*_unseen(source, crawl), *_within(groups))) or 0

    def count(
        self, connection: sa.Connection, source: str, groups: sa.Select[Any] | None = None
    ) -> int:
        """The number of reviews of a source or of some of its groups, without deleted ones."""
        query = sa.select(sa.func.count()).select_from(stored_reviews)
        of_source = stored_reviews.c.source == source
        return connection.scalar(query.where(of_source, _is_current, *_within(groups))) or 0

    def read(
        self, source: str, batch_rows: int = 10_000, since: str = ""
    ) -> Iterator[list[Review]]:
        """Yield batches of a source's reviews, without deleted ones, sorted by id and aspect.

        Args:
            source: Name of the source.
            batch_rows: Number of reviews in a batch.
            since: ISO time in UTC; only reviews first seen or changed since. Empty for all.
        """
        columns = [stored_reviews.c[name] for name in (*KEY, *CONTENT)]
        query = sa.select(*columns).where(stored_reviews.c.source == source, _is_current)
        if since:
            query = query.where(sa.or_(*(stored_reviews.c[name] >= since for name in _NEW)))
        query = query.order_by(stored_reviews.c.review_id, stored_reviews.c.aspect)
        with self.database.reading() as connection:
            streamed = connection.execution_options(yield_per=batch_rows).execute(query)
            for rows in streamed.mappings().partitions():
                yield [review_of(dict(row)) for row in rows]

    def count_new(self, source: str, after: str) -> int:
        """The number of a source's reviews first seen after an ISO time in UTC."""
        reviews = sa.func.count(sa.distinct(stored_reviews.c.review_id))
        query = sa.select(reviews).where(
            stored_reviews.c.source == source, stored_reviews.c.first_seen > after, _is_current
        )
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def sources(self) -> dict[str, int]:
        """The number of reviews of each source, including deleted ones."""
        query = sa.select(stored_reviews.c.source, sa.func.count()).group_by(
            stored_reviews.c.source
        )
        with self.database.reading() as connection:
            return dict(sorted((source, count) for source, count in connection.execute(query)))

    def count_to_purge(self, source: str, before: str) -> int:
        """The number of reviews that :meth:`purge` would delete."""
        query = sa.select(sa.func.count()).select_from(stored_reviews)
        with self.database.reading() as connection:
            return connection.scalar(query.where(*_purged(stored_reviews, source, before))) or 0

    def ids_to_keep(self, source: str, before: str) -> set[str]:
        """Source and id, joined by ``:``, of the reviews of which :meth:`purge` deletes nothing."""
        key = sa.select(stored_reviews.c.source, stored_reviews.c.review_id).distinct()
        purged = key.where(*_purged(stored_reviews, source, before))
        with self.database.reading() as connection:
            every, some = ({f"{a}:{b}" for a, b in connection.execute(q)} for q in (key, purged))
        return every - some

    def purge(self, connection: sa.Connection, source: str, before: str) -> int:
        """Delete reviews, all their versions and their hand labels permanently.

        Args:
            connection: Connection of the caller's transaction.
            source: Name of a source; empty for all.
            before: ISO date; deletes reviews last seen before it. Empty for all.

        Returns:
            Number of deleted reviews.
        """
        for table, key in ((review_versions, KEY[:2]), (hand_labels, KEY)):
            purged = sa.select(*(stored_reviews.c[name] for name in key))
            purged = purged.where(*_purged(stored_reviews, source, before))
            of_purged = sa.tuple_(*(table.c[name] for name in key)).in_(purged)
            connection.execute(table.delete().where(of_purged))
        return connection.execute(
            stored_reviews.delete().where(*_purged(stored_reviews, source, before))
        ).rowcount

    def rename(self, connection: sa.Connection, old: str, new: str) -> None:
        """Rename a source; reviews and labels that exist under the new name are kept."""
        for table in (stored_reviews, hand_labels):
            key = sa.tuple_(table.c.review_id, table.c.aspect)
            there = sa.select(table.c.review_id, table.c.aspect).where(table.c.source == new)
            connection.execute(table.delete().where(table.c.source == old, key.in_(there)))
        for table in (stored_reviews, review_versions, hand_labels):
            connection.execute(table.update().where(table.c.source == old).values(source=new))

    def _known(
        self, connection: sa.Connection, source: str, review_ids: Iterable[str]
    ) -> dict[Key, tuple[str, str, int]]:
        """Digest, date and last crawl of the reviews that the store contains."""
        names = ("review_id", "aspect", "digest", "date", "crawl")
        columns = [stored_reviews.c[name] for name in names]
        known = {}
        for ids in _batches(review_ids):
            query = sa.select(*columns).where(stored_reviews.c.source == source)
            for row in connection.execute(query.where(stored_reviews.c.review_id.in_(ids))):
                known[row.review_id, row.aspect] = row.digest, row.date, row.crawl
        return known

    def _replace(
        self, connection: sa.Connection, row: dict[str, Any], seen: dict[str, Any]
    ) -> None:
        """Replace the content of a row; the old content becomes a version."""
        one = sa.and_(*(stored_reviews.c[name] == row[name] for name in KEY))
        kept = [
            stored_reviews.c[column.name]
            for column in review_versions.c
            if column.name != "replaced"
        ]
        names = [*(column.name for column in kept), "replaced"]
        old = sa.select(*kept, sa.literal(seen["changed"])).where(one)
        connection.execute(review_versions.insert().from_select(names, old))
        now = {name: value for name, value in seen.items() if name != "first_seen"}
        connection.execute(stored_reviews.update().where(one).values(**row, **now))


@contextmanager
def open_store(settings: StoreSettings, path: Path) -> Iterator[Store]:
    """Open the review store: PostgreSQL if ``store.url`` is set, else the SQLite file ``path``.

    Raises:
        WorkspaceError: The database cannot be opened.
        InputError: The PostgreSQL driver is not installed.
    """
    with Database(settings.url.get_secret_value() or path) as database:
        yield Store(database)


def now_utc() -> str:
    """The current time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_is_current = stored_reviews.c.deleted == ""


def _one(source: str) -> sa.Update:
    """An UPDATE of one review; bind its id as ``id`` and its aspect as ``of``."""
    return stored_reviews.update().where(
        stored_reviews.c.source == source,
        stored_reviews.c.review_id == sa.bindparam("id"),
        stored_reviews.c.aspect == sa.bindparam("of"),
    )


def _within(groups: sa.Select[Any] | None) -> list[sa.ColumnElement[bool]]:
    return [] if groups is None else [stored_reviews.c.group.in_(groups)]


def _unseen(source: str, crawl: int | sa.ScalarSelect[Any]) -> list[sa.ColumnElement[bool]]:
    return [stored_reviews.c.source == source, stored_reviews.c.crawl < crawl, _is_current]


def _purged(table: sa.Table, source: str, before: str) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [sa.true()]
    if source:
        conditions.append(table.c.source == source)
    if before:
        conditions.append(table.c.last_seen < before)
    return conditions


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _IDS_PER_QUERY):
        yield ordered[start : start + _IDS_PER_QUERY]
