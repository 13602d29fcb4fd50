"""Reviews of games on Steam."""

from __future__ import annotations

from typing import Any

from pipeline.crawl.parse.json_path import MISSING, keys, look_up
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.crawl.sites.json_frame import difference
from pipeline.errors import SourceError

_PAGE_SIZE = 100


class SteamSite(JsonSite):
    """Steam's lists, which end with an empty page or with a cursor that was already sent.

    A page may have fewer reviews than asked for although the list goes on.
    """

    def _items(self, answer: Any, url: str) -> list[Any]:
        if look_up(answer, "success") != 1:
            raise SourceError(
                f"{url}: Steam rejected the request with {keys(answer)}: check source.targets"
            )
        if look_up(answer, "reviews") is MISSING and not look_up(
            answer, "query_summary.num_reviews"
        ):
            return []
        return super()._items(answer, url)

    def _end(self, answer: Any, request: Request, page: Page) -> Parsed:
        self._items(answer, page.url)
        trail = request.trail
        if trail.total - trail.items >= _PAGE_SIZE:  # Steam sometimes answers without reviews
            return Parsed(doubt="".join(difference(trail, request)))
        return Parsed(notices=difference(trail, request))

    def _next_page(self, answer: Any, count: int, request: Request, page: Page) -> Request | None:
        following = super()._next_page(answer, count, request, page)
        if not count or following is None or following.fingerprint == request.fingerprint:
            return None
        return following
