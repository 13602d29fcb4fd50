"""Failures of HTTP exchanges and their causes."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions


class ExchangeError(Exception):
    """A request did not get a complete, usable response.

    Attributes:
        outcome: Short name for the counters of the crawl summary.
        reason: Description for the error message, with the next step if there is one.
        passing: Whether the failure may be temporary, so that a retry may succeed.
    """

    def __init__(self, outcome: str, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.passing = outcome, reason, passing


_KINDS: list[tuple[tuple[type[BaseException], ...], str, str, bool]] = [
    ((ssl.SSLCertVerificationError,), "certificate", "invalid TLS certificate: {}", False),
    ((requests.exceptions.InvalidHeader,), "bad request", "{}", False),
    ((urllib3.exceptions.NameResolutionError,), "unknown host", "unknown host name", True),
    (
        (requests.ConnectTimeout,),
        "timeout",
        "connection timed out (source.fetch.connect_timeout)",
        True,
    ),
    (
        (requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError),
        "timeout",
        "reading timed out (source.fetch.read_timeout)",
        True,
    ),
    ((ConnectionRefusedError,), "refused", "connection refused", True),
    ((urllib3.exceptions.NewConnectionError,), "no connection", "connection failed: {}", True),
    ((urllib3.exceptions.DecodeError,), "broken body", "decompressing the body failed", True),
    ((http.client.IncompleteRead,), "truncated", "the body is truncated", True),
    ((ConnectionError,), "reset", "connection reset", True),
    ((http.client.HTTPException,), "broken answer", "invalid HTTP response: {}", True),
]
"""Exceptions, outcome, reason and ``passing``; the most specific causes first."""


def failure_of(error: Exception) -> ExchangeError:
    """Convert an error of requests or urllib3, by the most specific of its causes."""
    causes = list(_causes(error))
    for kinds, outcome, reason, passing in _KINDS:
        for cause in causes:
            if isinstance(cause, kinds):
                return ExchangeError(outcome, reason.format(_line(cause)), passing=passing)
    return ExchangeError("failed", _line(causes[-1]), passing=not isinstance(error, ValueError))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all errors it wraps: causes, contexts, reasons and arguments."""
    seen: set[int] = set()
    found: list[object] = [error]
    while found:
        cause = found.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            found += [cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
            found += cause.args


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
