"""Inspects a site: fetches its first page with reviews, as a crawl would, and stores nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from pipeline.crawl.http.credentials import Credentials
from pipeline.crawl.http.fetcher import Fetcher
from pipeline.crawl.parse.urls import origin_of
from pipeline.crawl.run import check_source, site_of
from pipeline.crawl.sites.base import Page, Parsed
from pipeline.crawl.skipped import example, not_understood
from pipeline.inspect.findings import Column, Inspection, Reason
from pipeline.inspect.scan import FIRST_ROWS
from pipeline.inspect.values import MAX_CELL, note_values
from pipeline.redact import excerpt, printable
from pipeline.reviews.review import Review
from pipeline.settings import SiteSource

MAX_PAGES = 4
"""Maximum number of pages to fetch until one has reviews: a source may begin with lists of the
reviewed things."""
FIELDS = ("text", "rating", "date", "group", "group_name", "aspect", "review_id")


def inspect_site(source: SiteSource) -> Inspection:
    """Find out what the first page of a site contains.

    Obeys robots.txt and the rate limits of ``source.fetch``.

    Args:
        source: The source.

    Raises:
        SourceError: The page does not match the settings, or may not be fetched.
        FetchError: The page could not be fetched.
        SettingsError: See :func:`pipeline.crawl.run.check_source`.
    """
    check_source(source)
    return describe(source, *_first_page(source))


def describe(source: SiteSource, page: Page, parsed: Parsed) -> Inspection:
    """The findings about a page that was parsed with the settings of a source."""
    reviews = list(parsed.reviews)
    result = Inspection(printable(page.url), format=f"{source.kind} source", is_page=True)
    result.encoding, result.rows = page.encoding.upper(), len(reviews)
    result.columns = [_column(field, reviews) for field in FIELDS]
    result.unusable = [Reason(why, count, "") for why, count in parsed.skipped.items()]
    for kind in dict.fromkeys(kind for kind, _ in parsed.unread):
        values = [str(value) for one, value in parsed.unread if one == kind]
        result.unusable.append(
            Reason(not_understood(kind, len(values)), len(values), example("", values[0]))
        )
    note_values(result, reviews)
    result.problems = [printable(problem) for problem in _problems(source, parsed, reviews)]
    return result


def _first_page(source: SiteSource) -> tuple[Page, Parsed]:
    """The first page that has reviews, or the last page that was fetched."""
    site = site_of(source)
    requests = [next(iter(site.start()))]
    with fetcher_of(source, requests[0].url) as fetcher:
        for _ in range(MAX_PAGES):
            page = fetcher.fetch(requests[0])
            parsed = site.parse(requests[0], page)
            requests = list(parsed.requests)
            if parsed.reviews or not requests:
                break
    return page, parsed


def fetcher_of(source: SiteSource, url: str) -> Fetcher:
    """A fetcher for the host of a URL, which gets the credentials of the source."""
    return Fetcher(
        source.fetch,
        {urlsplit(url).hostname or ""},
        credentials=Credentials.of(source),
        origins={origin_of(url)},
    )


def _column(field: str, reviews: list[Review]) -> Column:
    values = ["" if (value := getattr(one, field)) is None else str(value) for one in reviews]
    first = [excerpt(value, MAX_CELL) for value in values[:FIRST_ROWS]]
    return Column(field, "", sum(map(bool, values)), first)


def _problems(source: SiteSource, parsed: Parsed, reviews: list[Review]) -> list[str]:
    problems = [parsed.doubt, parsed.cut]
    if not reviews:
        problems.append(
            "no review was found on the page: check the source settings that find reviews"
        )
    elif not any(one.text for one in reviews):
        problems.append("no review has a text: check source.fields")
    elif all(one.rating is None and one.label is None for one in reviews):
        problems.append("no review has a rating, so a run trains nothing: check source.fields")
    if reviews and parsed.next_page is None and hasattr(source, "paging"):
        problems.append("no next page was found: check source.paging if the list goes on")
    return list(filter(None, problems))
