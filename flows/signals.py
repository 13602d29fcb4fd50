"""SIGINT and SIGTERM: the process has one second to clean up, then it ends."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
import time
from typing import NoReturn

from flows import console
from flows import ephemeral_server as server
from pipeline.storage.files import delete_unfinished

SECONDS_TO_CLEAN_UP = 1.0


class Terminated(BaseException):
    """The process received SIGTERM."""


def watch() -> None:
    """Raise on SIGINT and SIGTERM, and end the process a second after either signal.

    SIGINT raises KeyboardInterrupt, SIGTERM :class:`Terminated`.
    While a flow runs, Prefect's own handler is active and first reports to its server, which may
    take seconds. So a thread measures the second; the interpreter notifies it of the signal
    (``signal.set_wakeup_fd``). Call this in the main thread.
    """
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _raise)
    end_soon_after()


def end_soon_after() -> None:
    """End the process a second after SIGINT or SIGTERM, whatever handles it; see :func:`watch`."""
    signal.set_wakeup_fd(_watched_pipe(), warn_on_full_buffer=False)


def leave(number: int) -> NoReturn:
    """Print that the command was interrupted; exit with the shell's status for the signal."""
    console.error("interrupted; run the same command again, finished stages are kept")
    delete_unfinished()
    server.end_server()
    sys.stdout.flush()
    os._exit(128 + number)  # a normal exit of Python would take another second


@functools.cache
def _watched_pipe() -> int:
    """The write end of a pipe; a thread reads the other end and ends the process."""
    signals, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    threading.Thread(target=_end, args=(signals,), name="signals", daemon=True).start()
    return wakeup


def _raise(*_: object) -> NoReturn:
    raise Terminated


def _end(signals: int) -> NoReturn:
    number = signal.SIGCHLD
    while number not in (signal.SIGINT, signal.SIGTERM):
        number = signal.Signals(os.read(signals, 1)[0])
    time.sleep(SECONDS_TO_CLEAN_UP)
    leave(number)
