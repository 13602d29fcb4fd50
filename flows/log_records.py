"""Log records that are safe to show: without control characters and without secrets in URLs."""

from __future__ import annotations

import logging
import textwrap
from typing import Any

from pipeline.redact import printable


class PrintableRecord(logging.LogRecord):
    """A record whose message is one printable line; lines of a traceback are indented.

    All handlers get it: those of the terminal, of Prefect and of other libraries.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            lines = logging.Formatter().formatException(self.exc_info).splitlines()
            self.exc_text = textwrap.indent("\n".join(map(printable, lines)), "  ")

    def getMessage(self) -> str:  # noqa: N802
        """The message with its arguments, as one printable line."""
        return printable(super().getMessage())


def make_printable() -> None:
    """Make every log record of this process a :class:`PrintableRecord`.

    Also silences failing handlers: Prefect's would report on stderr that its server is unavailable.
    """
    logging.setLogRecordFactory(PrintableRecord)
    logging.raiseExceptions = False
