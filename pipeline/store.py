"""The review store: every review ever crawled, one row each, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from pipeline.errors import WorkspaceError
from pipeline.records import Review

_metadata = sa.MetaData()
_reviews = sa.Table(
    "reviews",
    _metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("review_id", sa.Text, primary_key=True),
    sa.Column("aspect", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("group_name", sa.Text, nullable=False),
    sa.Column("date", sa.Text, nullable=False),
    sa.Column("rating", sa.Float),
    sa.Column("label", sa.Integer),
    sa.Column("aspect_ratings", sa.Text, nullable=False),
)
_KEY = ("source", "review_id", "aspect")


class Store:
    """Reviews by source, identity and aspect; each method is one transaction.

    Use it as a context manager, or call :meth:`close`.

    Raises:
        WorkspaceError: The database cannot be opened or written, in any method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 60})
        sa.event.listen(self._engine, "connect", _use_wal)
        with _explained(self.path):
            _metadata.create_all(self._engine)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def upsert(self, reviews: Iterable[Review]) -> int:
        """Insert reviews, or update those that are known; returns how many there were."""
        with _explained(self.path), self._engine.begin() as connection:
            return _upsert(connection, reviews)

    def replace(self, source: str, batches: Iterable[Iterable[Review]]) -> int:
        """Put these reviews in place of all that the source had; returns how many there were.

        Nothing changes when ``batches`` raises.
        """
        with _explained(self.path), self._engine.begin() as connection:
            connection.execute(_reviews.delete().where(_reviews.c.source == source))
            return sum(_upsert(connection, batch) for batch in batches)

    def read(self, source: str, batch_rows: int = 10_000) -> Iterator[list[Review]]:
        """Yield batches of a source's reviews in the order of their identity."""
        query = _reviews.select().where(_reviews.c.source == source)
        query = query.order_by(_reviews.c.review_id, _reviews.c.aspect)
        with _explained(self.path), self._engine.connect() as connection:
            for rows in connection.execute(query).mappings().partitions(batch_rows):
                yield [_review(dict(row)) for row in rows]


def _upsert(connection: sa.Connection, reviews: Iterable[Review]) -> int:
    rows = [_row(review) for review in reviews]
    if rows:
        statement = insert(_reviews)
        changes = {c.name: statement.excluded[c.name] for c in _reviews.c if c.name not in _KEY}
        connection.execute(statement.on_conflict_do_update(index_elements=_KEY, set_=changes), rows)
    return len(rows)


def _row(review: Review) -> dict[str, Any]:
    ratings = json.dumps(review.aspect_ratings, ensure_ascii=False)
    return {**vars(review), "aspect_ratings": ratings}


def _review(row: dict[str, Any]) -> Review:
    return Review(**{**row, "aspect_ratings": json.loads(row["aspect_ratings"])})


def _use_wal(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


class _explained:  # noqa: N801
    """Turn the database's own errors into one line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, sa.exc.DBAPIError):
            raise WorkspaceError(
                f"the review store {self.path} cannot be used: {error.orig}; "
                "make room, or choose another folder with --workspace DIR"
            ) from error
