"""Why a request brought no whole answer."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions


class ExchangeError(Exception):
    """A request brought no whole answer.

    Attributes:
        outcome: What it is counted as.
        reason: The same as a clause, with what to do about it where something can be done.
        passing: Whether another try may go better.
    """

    def __init__(self, outcome: str, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.passing = outcome, reason, passing


_KINDS: list[tuple[tuple[type[BaseException], ...], str, str, bool]] = [
    ((ssl.SSLCertVerificationError,), "certificate", "its TLS certificate is not valid: {}", False),
    ((requests.exceptions.InvalidHeader,), "bad request", "{}", False),
    ((urllib3.exceptions.NameResolutionError,), "unknown host", "the host is not known", True),
    (
        (requests.ConnectTimeout,),
        "timeout",
        "no connection in time (source.fetch.connect_timeout)",
        True,
    ),
    (
        (requests.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError),
        "timeout",
        "nothing came for too long (source.fetch.read_timeout)",
        True,
    ),
    ((ConnectionRefusedError,), "refused", "no connection: it was refused", True),
    ((urllib3.exceptions.NewConnectionError,), "no connection", "no connection: {}", True),
    ((urllib3.exceptions.DecodeError,), "broken body", "the body cannot be decompressed", True),
    ((http.client.IncompleteRead,), "truncated", "the body ended too early", True),
    ((ConnectionError,), "reset", "the connection was reset", True),
    ((http.client.HTTPException,), "broken answer", "the answer is no HTTP: {}", True),
]
"""Causes, the most telling first, with the outcome and reason they give and whether they pass."""


def failure_of(error: Exception) -> ExchangeError:
    """What an error of requests or urllib3 means, by the most telling of its causes."""
    causes = list(_causes(error))
    for kinds, outcome, reason, passing in _KINDS:
        for cause in causes:
            if isinstance(cause, kinds):
                return ExchangeError(outcome, reason.format(_line(cause)), passing=passing)
    return ExchangeError("failed", _line(causes[-1]), passing=not isinstance(error, ValueError))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it wraps, in whichever way."""
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
