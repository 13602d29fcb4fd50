"""A new database of a Prefect server, made once: its migrations take four seconds each time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from flows.prefect_database import NAME
from tests.processes import ROOT

MADE = ROOT / ".pytest_cache" / "d" / f"prefect-{version('prefect')}.db"


def fill(home: Path) -> None:
    """Put a new database into the folder of a Prefect server that has none."""
    if (home / NAME).exists():
        return
    _make()
    home.mkdir(parents=True, exist_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{MADE}?mode=ro", uri=True)) as made,
        contextlib.closing(sqlite3.connect(home / NAME)) as new,
    ):
        made.backup(new)


def _make() -> None:
    """Make it unless it is there, or another process does so; then wait for that."""
    MADE.parent.mkdir(parents=True, exist_ok=True)
    with (
        MADE.with_suffix(".lock").open("w") as lock,
        tempfile.TemporaryDirectory(dir=MADE.parent) as folder,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        if MADE.exists():
            return
        subprocess.run(
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env=os.environ | {"PREFECT_HOME": folder},
            check=True,
            capture_output=True,
        )
        (Path(folder) / NAME).replace(MADE)
