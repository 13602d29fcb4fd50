"""Damaged SQLite files: how to notice them and keep them aside."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from pipeline.storage.files import create

CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
"""Primary result codes of SQLite for a damaged file."""
PARTS = ("", "-wal", "-shm", "-journal")
"""Suffixes of the files that belong to a database."""
REPAIR = "run `review-sentiment repair`, which keeps the file aside and goes on without the damage"


def is_damage(error: BaseException | None) -> bool:
    """Whether an error of ``sqlite3`` says that the file is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in CODES


def damage(path: Path) -> str:
    """What is wrong with a SQLite file; empty if it is sound or missing. Reads the whole file."""
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


def recover(damaged: Path, path: Path) -> bool:
    """Copy what is readable to a new database with the ``.recover`` of SQLite's command line.

    Returns:
        False if the program ``sqlite3`` is not installed or cannot read the file.
    """
    program = shutil.which("sqlite3")
    if program is None:
        return False
    create(path)
    with subprocess.Popen(  # noqa: S603  (no user input)
        [program, damaged.absolute(), ".recover"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:
        subprocess.run(  # noqa: S603  (no user input)
            [program, path.absolute()],
            stdin=reader.stdout,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    if not damage(path) and path.stat().st_size:
        return True
    for part in PARTS:
        path.with_name(path.name + part).unlink(missing_ok=True)
    return False
