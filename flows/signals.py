"""SIGINT and SIGTERM: a second to clean up, then the process ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import NoReturn

from flows import console
from flows import ephemeral_server as server

SECONDS_TO_CLEAN_UP = 1.0


class Terminated(BaseException):
    """SIGTERM came."""


def watch() -> None:
    """Raise :class:`Terminated` on SIGTERM, and end the process a second after any signal.

    While a flow runs, Prefect's handler stands in place of this one and first tells its server,
    which may take seconds. So the second is counted by a thread that learns of the signal from
    the interpreter itself (``signal.set_wakeup_fd``). Call it in the main thread.
    """
    signal.signal(signal.SIGTERM, _raise)
    end_soon_after()


def end_soon_after() -> None:
    """End the process a second after SIGINT or SIGTERM, whoever handles it; see :func:`watch`."""
    signals, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    threading.Thread(target=_end, args=(signals,), name="signals", daemon=True).start()


def leave(number: int) -> NoReturn:
    """Say that the command was interrupted and end with the shell's status for the signal."""
    console.error("interrupted; run the same command again, finished stages are kept")
    server.end_server()
    sys.stdout.flush()
    os._exit(128 + number)  # Python would take a second more


def _raise(*_: object) -> NoReturn:
    raise Terminated


def _end(signals: int) -> NoReturn:
    number = signal.SIGCHLD
    while number not in (signal.SIGINT, signal.SIGTERM):
        number = signal.Signals(os.read(signals, 1)[0])
    time.sleep(SECONDS_TO_CLEAN_UP)
    leave(number)
