"""Database of reviews and crawls: a SQLite file or a PostgreSQL database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from pipeline.errors import InputError, WorkspaceError
from pipeline.storage.damage import REPAIR, is_damage
from pipeline.storage.files import create_database_file

metadata = sa.MetaData()
"""All tables. Each module registers its tables on import."""

AGAIN = "then run the same command again (stored reviews are kept)"
BUSY_TIMEOUT_SECONDS = 60
"""Time that a SQLite transaction waits for the lock of another process."""


class Database:
    """Transactions on one database. A context manager; safe for threads and processes.

    Args:
        where: Path of a SQLite file, which is created if missing, or a ``postgresql://`` URL.

    Raises:
        WorkspaceError: The database cannot be opened, read or written. All methods raise this.
        InputError: The PostgreSQL driver is not installed.
    """

    def __init__(self, where: Path | str) -> None:
        self.name = str(where) if isinstance(where, Path) else sa.make_url(where).render_as_string()
        self._engine = _sqlite(where) if isinstance(where, Path) else _postgresql(where)
        # SQLite allows one writer at a time; waiting on a lock is faster than its polling.
        self._lock = threading.Lock() if self.is_sqlite else nullcontext()
        with self.transaction() as connection:
            if not self.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0)))
            metadata.create_all(connection)

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a SQLite file."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A write transaction: commits at the end of the block, rolls back if it raises."""
        engine = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        with self._lock, self._translated_errors(), engine.begin() as connection:
            yield connection

    @contextmanager
    def erasing(self) -> Iterator[sa.Connection]:
        """A write transaction whose deleted rows leave no bytes in the files of the database.

        Rewrites the whole database at the end of the block.

        Raises:
            WorkspaceError: Another process reads the SQLite file, so that old pages remain.
        """
        with self.transaction() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            yield connection
        with self._lock, self._translated_errors(), self._engine.connect() as opened:
            connection = opened.execution_options(**self._without_transaction)
            if self.is_sqlite:
                connection.exec_driver_sql("VACUUM")
                is_busy = connection.scalar(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            else:
                for table in metadata.sorted_tables:
                    connection.exec_driver_sql(f'VACUUM (FULL) "{table.name}"')
                is_busy = False
        if is_busy:
            raise WorkspaceError(
                f"{self.name}-wal still holds deleted rows, because another process reads the "
                "review store: stop it and run the same command again"
            )

    @property
    def _without_transaction(self) -> dict[str, Any]:
        return {"begin": ""} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A read transaction: sees one snapshot of the database, unaffected by writers."""
        isolation = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with (
            self._translated_errors(),
            self._engine.connect().execution_options(**isolation) as connection,
        ):
            yield connection

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            reason = str(error.orig).strip().splitlines()[0]
            if is_damage(error.orig):
                step = REPAIR
            elif self.is_sqlite:
                step = f"free disk space or choose another folder with --workspace DIR, {AGAIN}"
            else:
                step = f"check that the server is running and accepts your login, {AGAIN}"
            raise WorkspaceError(
                f"cannot use the review store {self.name}: {reason}; {step}"
            ) from error


def _sqlite(path: Path) -> sa.Engine:
    try:
        create_database_file(path)
    except OSError as error:
        raise WorkspaceError(
            f"cannot use the review store {path}: {error.strerror}; "
            "or choose another folder with --workspace DIR"
        ) from error
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
    )

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we emit BEGIN ourselves, see _begin
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -512")  # 512 KB per connection

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if statement := connection.get_execution_options().get("begin", "BEGIN"):
            connection.exec_driver_sql(statement)

    return engine


def _postgresql(url: str) -> sa.Engine:
    try:
        return sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True
        )
    except ModuleNotFoundError as error:
        raise InputError(
            "store.url needs the PostgreSQL driver, which is not installed: "
            "run pip install 'review-sentiment[postgresql]'"
        ) from error
