"""A fetcher for a test site on loopback, without delays."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.settings import FetchSettings
from tests.site import Site

FIRST_WAIT = 0.01


def fetcher(
    site: Site,
    stop: threading.Event | None = None,
    *,
    first_wait: float = FIRST_WAIT,
    **changes: Any,
) -> Fetcher:
    """A fetcher for the site, by default without delays and with short timeouts."""
    settings = {
        "delay": 0, "private_hosts": ["127.0.0.1"], "connect_timeout": 1, "read_timeout": 0.3,
        "max_tries": 3, **changes,
    }  # fmt: skip
    host = urlsplit(site.url).hostname or ""
    return Fetcher(FetchSettings.model_validate(settings), [host], stop, first_wait)
