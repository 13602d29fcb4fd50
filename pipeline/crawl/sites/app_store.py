"""Reviews of apps in Apple's App Store."""

from __future__ import annotations

from typing import Any

from pipeline.crawl.parse.json_path import MISSING, list_at, look_up
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.json_api import JsonSite

_FEED, _ENTRY = "feed", "entry"


class AppStoreSite(JsonSite):
    """Apple's feed: no ``entry`` after the last page, an object instead of a list of one entry.

    The first entry may describe the app itself, which has no rating.
    """

    def _items(self, answer: Any, url: str) -> list[Any]:
        feed = look_up(answer, _FEED)
        if not isinstance(feed, dict):
            return super()._items(answer, url)
        entry = look_up(feed, _ENTRY)
        if entry is MISSING:
            return []
        if isinstance(entry, dict):
            return _reviews([entry])
        return _reviews(list_at(feed, _ENTRY, url=url, setting="source.base_url"))

    def _end(self, answer: Any, request: Request, page: Page) -> Parsed:
        self._items(answer, page.url)
        return Parsed()


def _reviews(entries: list[Any]) -> list[Any]:
    """The entries that are reviews."""
    return [one for one in entries if isinstance(one, dict) and "im:rating" in one]
