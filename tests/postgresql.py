"""A real PostgreSQL server for the time of a test session."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import free_port, running, wait_until

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextlib.contextmanager
def serve_postgresql() -> Iterator[str]:
    """Start a server with its data in a new folder; gives ``postgresql://...`` without a database.

    The server refuses to run as root, so root becomes ``postgres`` for it. The folder is none of
    pytest's: each session that starts closes those to other users.
    """
    if not BINARIES:
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        yield from _serve(Path(folder))


def _serve(folder: Path) -> Iterator[str]:
    as_user: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        shutil.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", free_port()
    subprocess.run(
        [BINARIES[-1] / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8",
         "--locale=C.UTF-8", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL, **as_user,
    )  # fmt: skip
    ready = [str(BINARIES[-1] / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    with running(
        *(BINARIES[-1] / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder),
        *("-c", "fsync=off"),
        stderr=subprocess.DEVNULL,
        **as_user,
    ) as server:
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, server)
        try:
            yield f"postgresql://tester@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # ends without waiting for clients
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=60)
