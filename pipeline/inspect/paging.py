"""Tries the ways in which a list may go on, by reading its next page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.parse.urls import parameter
from pipeline.crawl.run import site_of
from pipeline.crawl.sites.base import Page, Request, Site, canonical_url
from pipeline.errors import FetchError, SourceError
from pipeline.settings import HtmlSource, JsonSource

MAX_REQUESTS = 6
"""Maximum number of pages to fetch in order to try the ways."""


class Paging(NamedTuple):
    """A way in which a list may go on.

    Attributes:
        values: The settings ``source.paging``.
        is_evident: Whether the page or its address shows the way; one that is only a try must
            lead to further reviews.
        url: Address at which the list begins, if it is not that of the page.
    """

    values: Mapping[str, Any]
    is_evident: bool = True
    url: str = ""


class Tried(NamedTuple):
    """A source with the way that was chosen.

    Attributes:
        source: The source; without paging if no way leads to further reviews.
        doubt: Why the next page could not be read; empty if it was, or if there is none.
    """

    source: HtmlSource | JsonSource
    doubt: str = ""


def choose_paging(
    pagings: Iterable[Paging],
    build: Callable[[Paging | None], HtmlSource | JsonSource],
    page: Page,
    fetcher: Fetcher,
) -> Tried:
    """Find the first way that leads to further reviews.

    Args:
        pagings: The ways, the most likely first.
        build: Returns the source with a way; with None, without paging.
        page: The page that was inspected.
        fetcher: Fetches further pages.

    Returns:
        The source with that way or, if none is sure, with the first evident one whose next page
        cannot be read.
    """
    pages = _Pages(fetcher, page)
    open_way: Tried | None = None
    for paging in pagings:
        source = build(paging)
        try:
            if _goes_on(source, page, pages):
                return Tried(source)
        except (FetchError, SourceError) as error:
            if paging.is_evident and open_way is None:
                open_way = Tried(source, str(error))
    return open_way or Tried(build(None))


class _Pages:
    """The pages of a site, each fetched once."""

    def __init__(self, fetcher: Fetcher, page: Page) -> None:
        self._fetcher, self._first = fetcher, page
        self._found: dict[str, Page | FetchError | SourceError] = {}

    def get(self, request: Request) -> Page:
        """The page of a request.

        Raises:
            FetchError: It cannot be fetched.
            SourceError: It may not be fetched.
        """
        key = canonical_url(request.url)
        if key == canonical_url(self._first.url):
            return self._first
        if key not in self._found:
            if len(self._found) == MAX_REQUESTS:
                raise FetchError("too many pages were tried")
            try:
                self._found[key] = self._fetcher.fetch(request)
            except (FetchError, SourceError) as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, Page):
            return found
        raise found


def _goes_on(source: HtmlSource | JsonSource, page: Page, pages: _Pages) -> bool:
    """Whether the second page of a source has further reviews, and the first page is the right one.

    Raises:
        FetchError: A page cannot be fetched.
        SourceError: A page may not be fetched, or has no reviews.
    """
    site = site_of(source)
    start = next(iter(site.start()))
    following = site.parse(start, page).next_page
    if following is None:
        return False
    second = _reviews(site, following, pages.get(following))
    if not second:
        raise SourceError(f"{following.url}: no reviews")
    first = _reviews(site, start, pages.get(start))
    name = source.paging.parameter if source.paging else ""
    is_in_address = bool(name) and parameter(page.url, name) is not None
    is_first = is_in_address or not first.isdisjoint(_reviews(site, start, page))
    return is_first and not second <= first


def _reviews(site: Site, request: Request, page: Page) -> set[tuple[str, float | None, str]]:
    return {(one.text, one.rating, one.date) for one in site.parse(request, page).reviews}
