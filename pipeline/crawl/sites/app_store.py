"""Reviews of apps in Apple's App Store."""

from __future__ import annotations

from typing import Any

from pipeline.crawl.parse.json_path import MISSING, list_at, look_up, text_of
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.json_api import JsonSite

_FEED, _ENTRY = "feed", "entry"


class AppStoreSite(JsonSite):
    """Apple's feed: no ``entry`` where it ends, an object in place of a list of one.

    The first entry may be the app itself, which has no rating. The text of a review is its title
    and, in the next line, its content.
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
    """The entries that are reviews, each with its text."""
    return [
        entry | {"text": f"{_label(entry, 'title')}\n{_label(entry, 'content')}".strip()}
        for entry in entries
        if isinstance(entry, dict) and "im:rating" in entry
    ]


def _label(entry: dict[str, Any], name: str) -> str:
    value = look_up(entry, f"{name}.label")
    return "" if isinstance(value, (dict, list)) else text_of(value).strip()
