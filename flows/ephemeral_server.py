"""A temporary Prefect server for one command, used if no other server is configured.

Prefect can start one itself, but only at the first flow, after all imports. This server starts in
parallel with the imports and stops immediately. Only this command and its child processes know its
password, through their environment.
"""

from __future__ import annotations

import atexit
import os
import secrets

from flows.server_process import PrefectServer, bind

LOOPBACK = "127.0.0.1"
_running: list[PrefectServer] = []


def start_server() -> None:
    """Start the server and set ``PREFECT_API_URL``; :func:`wait_for_server` waits until it is up.

    Call this before importing Prefect, which reads the variable on import.
    """
    listener = bind(LOOPBACK, 0)
    root = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    login = f"command:{secrets.token_urlsafe(32)}"
    environment = {
        "PREFECT_UI_ENABLED": "0",
        "PREFECT__SERVER_EPHEMERAL": "1",
        "PREFECT__SERVER_FINAL": "1",
        "PREFECT_SERVER_API_AUTH_STRING": login,
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",  # not used here
        "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",  # which imports Dask
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": root,
    }
    server = PrefectServer(listener, LOOPBACK, environment=environment)
    _running.append(server)
    atexit.register(end_server)
    server.start()
    os.environ |= {"PREFECT_API_URL": f"{root}/api", "PREFECT_API_AUTH_STRING": login}


def wait_for_server() -> None:
    """Wait until the server responds; see :meth:`PrefectServer.wait_until_up`."""
    for server in _running:
        server.wait_until_up(os.environ["PREFECT_API_URL"])


def end_server() -> None:
    """Kill the server; see :meth:`PrefectServer.kill`."""
    while _running:
        _running.pop().kill()
