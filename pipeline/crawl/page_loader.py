"""Loading a page: fetch and parse it, and repeat if it may not be the requested page."""

from __future__ import annotations

import logging
from collections import Counter
from http import HTTPStatus

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.page_cache import PageCache, Remembered
from pipeline.crawl.sites.base import Page, Parsed, Request, Site
from pipeline.errors import GoneError, SourceError
from pipeline.reviews.store import Store

logger = logging.getLogger(__name__)


UNPROVED_TRIES = 2
"""Number of requests for a page if only its absence or lack of reviews ends the list."""


class PageLoader:
    """Loads the pages of a site.

    Args:
        site: Parses the pages.
        store: Store of the reviews.
        pages: What earlier crawls remembered of the pages.
        max_tries: Maximum number of attempts to get a page that parses.
    """

    def __init__(self, site: Site, store: Store, pages: PageCache, max_tries: int) -> None:
        self._site, self._store, self._pages, self._max_tries = site, store, pages, max_tries

    def __repr__(self) -> str:
        return f"PageLoader({self._site.name!r})"

    def load(self, request: Request, fetcher: Fetcher) -> tuple[Page | None, Parsed | Remembered]:
        """Fetch and parse a page; repeat if it may not be the requested page.

        Returns:
            The page, None if it does not exist, and its content.

        Raises:
            SourceError: The page does not match the settings, or may not be fetched.
            FetchError: The page could not be fetched.
            GoneError: The first page of a target does not exist.
        """
        is_first = request.number == 1 and (not request.group or bool(request.target))
        most = 1 if is_first else self._max_tries
        tries = 0
        while True:
            tries += 1
            try:
                page, parsed = self._load(request, fetcher)
            except SourceError as error:
                if tries >= most:
                    raise
                reason = str(error)
            else:
                if isinstance(parsed, Remembered) or tries >= most:
                    return page, parsed
                if parsed.is_unproved and tries < UNPROVED_TRIES:
                    reason = f"{request.url}: no reviews after the first {request.trail.items:,}"
                elif parsed.doubt and page is not None:
                    reason = parsed.doubt
                else:
                    return page, parsed
            logger.info("%s (attempt %d of %d)", reason, tries, most)
            fetcher.back_off(tries)

    def _load(self, request: Request, fetcher: Fetcher) -> tuple[Page | None, Parsed | Remembered]:
        """Fetch and parse a page, once."""
        try:
            page, last = self._fetch(request, fetcher)
        except GoneError as error:
            if request.target and request.number == 1:  # only the settings name it, no other page
                raise
            logger.info("%s", error)
            return None, _gone(request)
        return page, last or self._site.parse(request, page)

    def _fetch(self, request: Request, fetcher: Fetcher) -> tuple[Page, Remembered | None]:
        """Fetch a page; for status 304, with what an earlier crawl remembered."""
        last = self._pages.recall(request)
        if last is None or not self._store.has(self._site.name, last.reviews):
            return fetcher.fetch(request), None
        page = fetcher.fetch(request, etag=last.etag, last_modified=last.last_modified)
        return page, last if page.status == HTTPStatus.NOT_MODIFIED else None


def _gone(request: Request) -> Parsed:
    """The content of a page that does not exist."""
    trail = request.trail
    skipped = Counter({"page is gone": 1})
    if request.number == 1 or (request.is_linked and trail.is_short):
        return Parsed(skipped=skipped)
    if request.is_linked or max(trail.total, trail.counted) - trail.items >= trail.page_size > 0:
        doubt = f"{request.url}: page not found, the list ends here"
        return Parsed(skipped=skipped, doubt=doubt)
    return Parsed(is_unproved=not trail.is_short)
