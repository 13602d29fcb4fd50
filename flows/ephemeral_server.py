"""A temporary Prefect server for one command, used if no other server is configured.

Prefect can start one itself, but only at the first flow, after all imports. This one starts in
parallel with the imports and stops immediately.
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

START_TIMEOUT_SECONDS = 120.0
_running: list[subprocess.Popen[bytes]] = []


def start_server() -> None:
    """Start the server and set ``PREFECT_API_URL``; :func:`wait_for_server` waits until it is up.

    Call this before importing Prefect, which reads the variable on import.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = {
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
    }
    server = subprocess.Popen(  # noqa: S603  (no user input)
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
    """Wait until the server responds; see :func:`wait_until_up`."""
    for server in _running:
        wait_until_up(server, os.environ["PREFECT_API_URL"])


def wait_until_up(server: subprocess.Popen[bytes], api: str) -> None:
    """Wait until a server process responds at its API URL.

    Args:
        server: The process of the server.
        api: URL of its API.

    Raises:
        RunError: The process exited, or does not respond within two minutes.
    """
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RunError("the Prefect server did not start; see its messages above")
        if answers(api):
            return
        time.sleep(0.1)
    raise RunError(
        f"the Prefect server did not respond within {START_TIMEOUT_SECONDS:.0f} s; "
        "run the same command again when the machine is less busy"
    )


def end_server() -> None:
    """Kill the server; a graceful shutdown takes up to five seconds."""
    while _running:
        with _running.pop() as server:
            server.kill()
