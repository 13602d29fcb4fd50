"""A fetcher for a test site on loopback, without delays."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.settings import FetchSettings
from tests.pipeline.crawl.clock import Clock
from tests.site import Site

BRIEF = 1.0
"""Seconds of a time-out that is to pass, long enough for all answers that are to come."""


def fetcher(
    site: Site, stop: threading.Event | None = None, *, first_wait: float = 1.0, **changes: Any
) -> Fetcher:
    """A fetcher for the site, without delays by default.

    Waits take no time where ``stop`` is a :class:`Clock`, as it is by default.
    """
    stop = Clock() if stop is None else stop
    settings = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 3, **changes}
    host = urlsplit(site.url).hostname or ""
    described = FetchSettings.model_validate(settings)
    if isinstance(stop, Clock):
        return Fetcher(described, [host], stop, first_wait, clock=stop)
    return Fetcher(described, [host], stop, first_wait)
