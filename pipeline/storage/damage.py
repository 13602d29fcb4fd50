"""Damaged SQLite files: detect them, set them aside, copy the readable rows."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""SQLite's primary result codes for a damaged file."""
PARTS = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that belong to a database."""
MAX_GAP = 100_000
"""Number of consecutive unreadable rows after which the rest of a table is given up."""
REPAIR = "run `review-sentiment repair`, which renames the damaged file and replaces it"


def is_damage(error: BaseException | None) -> bool:
    """Whether an error of ``sqlite3`` says that the file is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in CODES


def damage(path: Path) -> str:
    """What is wrong with a SQLite file; empty if it is intact or missing. Reads the whole file."""
    if not path.exists():
        return ""
    try:
        with contextlib.closing(sqlite3.connect(path)) as database:
            (found,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return str(error)
        raise
    return "" if found == "ok" else str(found).replace("\n", " ")


def keep_aside(path: Path) -> Path:
    """Rename a database and the files that belong to it; returns the new path."""
    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%S')}")
    for part in PARTS:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
    return aside


def salvage(damaged: Path, path: Path, tables: Iterable[str]) -> None:
    """Copy the readable rows of a damaged database into another one that has the same tables.

    Rows on damaged pages and rows that violate a constraint are skipped.
    """
    with (
        contextlib.closing(sqlite3.connect(damaged)) as source,
        contextlib.closing(sqlite3.connect(path)) as target,
    ):
        for table in _listed(source).intersection(tables):
            names = [row[1] for row in target.execute(f'PRAGMA table_info("{table}")')]
            columns = ", ".join(f'"{name}"' for name in names)
            places = ", ".join("?" for _ in names)
            insert = f'INSERT OR IGNORE INTO "{table}" ({columns}) VALUES ({places})'  # noqa: S608
            target.executemany(insert, _readable_rows(source, table, columns))
            target.commit()


def _listed(source: sqlite3.Connection) -> set[str]:
    try:
        return {name for (name,) in source.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        return set()


def _readable_rows(source: sqlite3.Connection, table: str, columns: str) -> Iterator[Any]:
    query = f'SELECT rowid, {columns} FROM "{table}" WHERE rowid >= ? ORDER BY rowid'  # noqa: S608
    rowid, failures = 1, 0
    while failures < MAX_GAP:
        try:
            for row in source.execute(query, (rowid,)):
                yield row[1:]
                rowid, failures = row[0] + 1, 0
            return
        except sqlite3.DatabaseError:
            rowid, failures = rowid + 1, failures + 1
