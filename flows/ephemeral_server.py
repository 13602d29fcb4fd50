"""A Prefect server for the time of a command, where none is up.

Prefect would start one itself, at the first flow and after all imports; this one starts while the
command imports what it needs, which takes as long, and ends at once.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import sysconfig
import time

from flows.prefect_env import answers
from pipeline.errors import RunError

SECONDS_TO_START = 120.0
_running: list[subprocess.Popen[bytes]] = []


def start_server() -> None:
    """Start it, and let Prefect's client know where; see :func:`wait_for_server`.

    To be called before Prefect is imported, which reads the address then.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
    }
    server = subprocess.Popen(  # noqa: S603  (its arguments are our own)
        [
            *(sys.executable, "-P", "-m", "uvicorn", "--app-dir", sysconfig.get_path("purelib")),
            *("--factory", "prefect.server.api.server:create_app", "--lifespan", "on"),
            *("--host", "127.0.0.1", "--port", port, "--log-level", "error"),
        ],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    _running.append(server)
    atexit.register(end_server)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"


def wait_for_server() -> None:
    """Wait until it answers; see :func:`wait_until_up`."""
    for server in _running:
        wait_until_up(server, os.environ["PREFECT_API_URL"])


def wait_until_up(server: subprocess.Popen[bytes], api: str) -> None:
    """Wait until a server process answers at the address of its API.

    Raises:
        RunError: It ended, or does not answer.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RunError("the Prefect server did not start; see its messages above")
        if answers(api):
            return
        time.sleep(0.1)
    raise RunError(f"the Prefect server did not answer in {SECONDS_TO_START:.0f} seconds")


def end_server() -> None:
    """End it at once: asked politely, it takes up to five seconds."""
    while _running:
        with _running.pop() as server:
            server.kill()
