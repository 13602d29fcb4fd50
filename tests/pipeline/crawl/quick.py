"""A fetcher for a site on loopback that does not let a test wait."""

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
    """May ask the site, without a pace and with short time-outs unless told otherwise."""
    settings = {
        "delay": 0, "private_hosts": ["127.0.0.1"], "connect_timeout": 1, "read_timeout": 0.3,
        "max_tries": 3, **changes,
    }  # fmt: skip
    host = urlsplit(site.url).hostname or ""
    return Fetcher(FetchSettings.model_validate(settings), [host], stop, first_wait)
