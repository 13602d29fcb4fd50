"""A fetcher for a test site on loopback, without delays."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.sites.base import Request
from pipeline.errors import FetchError
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


def page(site: Site) -> Request:
    """The page that the tests of failures ask for."""
    return Request(url=f"{site.url}/page")


def failure(site: Site, **settings: Any) -> str:
    """Error message for the page, with these fetch settings."""
    with fetcher(site, **settings) as crawler, pytest.raises(FetchError) as caught:
        crawler.fetch(page(site))
    assert "\n" not in str(caught.value)
    assert f"GET {site.url}/page: " in str(caught.value)
    return str(caught.value)
