"""``review-sentiment``, also ``python -m flows``.

Importing the command line takes a moment, during which Ctrl-C would print a traceback. So until the
command handles signals itself, SIGINT ends the process at once.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run the command of this process and exit with its status."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # else ignored (nohup)
        signal.signal(signal.SIGINT, _end)
    _open_standard_files()
    from flows.cli import main

    sys.exit(main())


def _end(number: int, _frame: object) -> NoReturn:
    os.write(2, b"error: interrupted; run the same command again\n")
    os._exit(128 + number)


def _open_standard_files() -> None:
    """Open closed standard files (``>&-``) as null device; else other files would replace them."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # gets the lowest free number
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            setattr(sys, name, os.fdopen(number, mode))


if __name__ == "__main__":
    run()
