"""Reviews from lists in HTML, found by CSS selectors. ``parse_page`` is pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from pipeline.crawl.fetch import Fetcher
from pipeline.errors import SourceError
from pipeline.progress import track
from pipeline.records import Review
from pipeline.settings import HtmlSource

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})")


def crawl_html(settings: HtmlSource, source: str, fetcher: Fetcher) -> Iterator[list[Review]]:
    """Yield the reviews of each page, following the link to the next one.

    Raises:
        SourceError: The first page has no review, or the links go in a circle or without end.
    """
    url, seen = settings.url, set[str]()
    with track("crawl pages") as progress:
        while url:
            if url in seen or len(seen) == settings.max_pages:
                raise SourceError(
                    f"page {len(seen) + 1} ({url}) goes in a circle or beyond "
                    f"source.max_pages = {settings.max_pages}: check source.next"
                )
            seen.add(url)
            reviews, next_url = parse_page(fetcher.get(url), url, settings, source)
            if not reviews and len(seen) == 1:
                raise SourceError(f"{url} has no element {settings.item!r}: check source.item")
            yield reviews
            progress.advance(note=f"{len(reviews)} reviews")
            url = next_url


def parse_page(html: str, url: str, settings: HtmlSource, source: str) -> tuple[list[Review], str]:
    """The reviews of one page and the address of the next, empty at the end.

    Raises:
        SourceError: A review lacks a field that the settings name.
    """
    soup = BeautifulSoup(html, "html.parser")
    fields = settings.fields
    reviews = []
    for item in soup.select(settings.item):
        rating = _NUMBER.search(_value(item, fields.rating, url))
        if rating is None:
            raise SourceError(f"{url}: {fields.rating!r} holds no number: check the selector")
        date = _DATE.search(_value(item, fields.date, url)) if fields.date else None
        reviews.append(
            Review(
                source=source,
                review_id=_value(item, fields.id, url),
                text=_value(item, fields.text, url),
                rating=float(rating[0]),
                date="{}-{:0>2}-{:0>2}".format(*date.groups()) if date else "",
                group=_value(item, fields.group, url) if fields.group else "",
            )
        )
    link = soup.select_one(settings.next) if settings.next else None
    href = link.get("href") if link else None
    return reviews, urljoin(url, str(href)) if href else ""


def _value(item: Tag, selector: str, url: str) -> str:
    """Text of the first match, or the attribute after ``@``; a bare ``@name`` is the item's own."""
    css, _, attribute = selector.partition("@")
    found = item.select_one(css) if css else item
    if found is None or (attribute and not found.has_attr(attribute)):
        raise SourceError(f"{url}: a review has no {selector!r}: check source.fields")
    return str(found[attribute]) if attribute else found.get_text(" ", strip=True)
