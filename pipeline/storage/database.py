"""The database of reviews and crawls: a SQLite file, or PostgreSQL by its address."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa

from pipeline.errors import InputError, WorkspaceError

metadata = sa.MetaData()
"""All tables; each module adds its own as it is imported."""

SECONDS_TO_WAIT = 60
"""How long a transaction waits for another process's."""


class Database:
    """Transactions on one database; a context manager, safe under threads and processes.

    Args:
        where: Path of a SQLite file, made when it is missing, or ``postgresql://...``.

    Raises:
        WorkspaceError: The database cannot be opened, read or written, in any method.
        InputError: PostgreSQL is asked for and its driver is not installed.
    """

    def __init__(self, where: Path | str) -> None:
        self.name = str(where) if isinstance(where, Path) else sa.make_url(where).render_as_string()
        self._engine = _sqlite(where) if isinstance(where, Path) else _postgresql(where)
        # One writer at a time is all that SQLite has; to queue here is quicker than to poll there.
        self._lock = threading.Lock() if self.is_sqlite else nullcontext()
        with self.transaction() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0)))
            metadata.create_all(connection)

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Write: all that the block does is kept, or nothing when it raises or is killed."""
        engine = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        with self._lock, self._explained(), engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Read one state of the database, whatever is written meanwhile."""
        isolation = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self._explained(),
            self._engine.connect().execution_options(**isolation) as connection,
        ):
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            step = (
                "make room, or choose another folder with --workspace DIR; "
                if self.is_sqlite
                else "see that the server runs and lets you in; "
            )
            raise WorkspaceError(
                f"the review store {self.name} cannot be used: {reason}; {step}"
                "then run the same command again: what was stored is kept"
            ) from error


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": SECONDS_TO_WAIT}
    )

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver itself would begin too late
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -512")  # KB for each connection

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))

    return engine


def _postgresql(url: str) -> sa.Engine:
    try:
        return sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True
        )
    except ModuleNotFoundError as error:
        raise InputError(
            "store.url asks for PostgreSQL, whose driver is not installed: "
            "pip install 'review-sentiment[postgresql]'"
        ) from error
