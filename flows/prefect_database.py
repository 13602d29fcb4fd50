"""The database of the workspace's Prefect server: deletes review texts from it, and repairs it."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flows.prefect_env import DASHBOARD, answers
from pipeline.errors import InputError, WorkspaceError
from pipeline.settings import DashboardSettings
from pipeline.storage.damage import REPAIR, damage, keep_aside
from pipeline.storage.workspace import Workspace

NAME = "prefect.db"
TABLES_WITH_TEXTS = ("artifact", "artifact_collection", "events", "event_resources", "log")
"""Tables whose rows may quote reviews; runs, deployments and their states are kept."""
STATES = ("flow_run_state", "task_run_state")
"""Tables of states, whose messages may quote reviews."""
BUSY_TIMEOUT_SECONDS = 60


def database_path(workspace: Workspace) -> Path:
    """Path of the SQLite database of the workspace's Prefect server."""
    return workspace.root / "prefect" / NAME


def exists() -> bool:
    """Whether the Prefect server of this process's environment has a database already."""
    return _own_path().exists()


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Replace errors in the block by an error that names Prefect's database, if it is damaged.

    Raises:
        WorkspaceError: The database is damaged.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        path, reason = _own_path(), ""
        with contextlib.suppress(sqlite3.Error):  # a server still writes to it
            reason = damage(path)
        if not reason:
            raise
        raise WorkspaceError(f"Prefect's database {path} is damaged: {reason}; {REPAIR}") from error


def repair(workspace: Workspace) -> Path | None:
    """Move a damaged database aside; the next server creates a new one.

    Returns:
        The path of the damaged file; None if the database is intact.

    Raises:
        WorkspaceError: The dashboard is running.
    """
    path = database_path(workspace)
    if (workspace.root / DASHBOARD).exists():
        api = str(json.loads((workspace.root / DASHBOARD).read_bytes()).get("api", ""))
        if answers(api):
            raise WorkspaceError(f"the dashboard at {api} is running: stop it, then repair")
    return keep_aside(path) if damage(path) else None


def _own_path() -> Path:
    return Path(os.environ["PREFECT_HOME"]) / NAME


def forget_texts(workspace: Workspace, settings: DashboardSettings) -> None:
    """Delete artifacts, events, logs and messages of runs, which may quote reviews.

    No bytes of the rows remain in the files of the database. A running server may stay up.

    Raises:
        WorkspaceError: The database cannot be written.
    """
    if url := settings.database_url.get_secret_value():
        _forget_in_postgresql(url)
    path = database_path(workspace)
    for damaged in path.parent.glob(f"{path.name}.damaged*"):
        damaged.unlink()
    if not path.exists():
        return
    try:
        with contextlib.closing(
            sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
        ) as database:
            database.execute("PRAGMA secure_delete = ON")
            names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            for statement in _statements(names):
                database.execute(statement)
            database.execute("VACUUM")
            (is_busy, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise WorkspaceError(
            f"cannot delete the texts in Prefect's database {path}: {error}; stop `dashboard` and "
            "`serve`, then run the same command again"
        ) from error
    if is_busy:
        raise WorkspaceError(
            f"{path}-wal still holds texts, because the Prefect server reads it: stop `dashboard` "
            "and run the same command again"
        )


def _forget_in_postgresql(url: str) -> None:
    import sqlalchemy as sa

    address = sa.make_url(url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            names = set(sa.inspect(connection).get_table_names())
            for statement in _statements(names):
                connection.exec_driver_sql(statement)
            for name in sorted(names & {*TABLES_WITH_TEXTS, *STATES}):
                connection.exec_driver_sql(f"VACUUM (FULL) {name}")
    except (ModuleNotFoundError, sa.exc.SQLAlchemyError) as error:
        (reason, *_) = str(error).splitlines()
        raise WorkspaceError(
            f"cannot delete the texts in Prefect's database {address.render_as_string()}: {reason}"
            "; check dashboard.database_url"
        ) from error


def _statements(names: set[str]) -> list[str]:
    return [
        *(f"DELETE FROM {name}" for name in TABLES_WITH_TEXTS if name in names),  # noqa: S608
        *(f"UPDATE {name} SET message = NULL" for name in STATES if name in names),  # noqa: S608
    ]
