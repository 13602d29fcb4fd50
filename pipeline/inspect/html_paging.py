"""Finds how an HTML list is divided into pages: a link to the next page, or a page number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import soupsieve
from bs4 import BeautifulSoup, Tag

from pipeline.crawl.parse.urls import follow
from pipeline.errors import SourceError
from pipeline.inspect.html_parts import classes_of, is_stable, name_of
from pipeline.inspect.names import words
from pipeline.inspect.paging import Paging
from pipeline.inspect.parameters import leads_on, page_parameter, parameters

_LABELS = frozenset({"다음", "다음 페이지", "다음페이지", "next", "next page"})


class _Link(NamedTuple):
    """A link and the address that it leads to."""

    tag: Tag
    url: str


def html_pagings(soup: BeautifulSoup, url: str) -> Iterator[Paging]:
    """The ways in which the list of a page may go on, the most likely first."""
    own = page_parameter(url)
    links = list(_links(soup, url))
    onward = [one for one in links if leads_on(url, one.url)]
    by_relation: list[Paging] = []
    by_name: list[Paging] = []
    for link in onward:
        of_link = by_relation if "next" in link.tag.get_attribute_list("rel") else by_name
        of_link += [Paging({"link": one}) for one in _selectors(link.tag, soup)]
    yield from by_relation
    if own:
        yield Paging({"parameter": own.name, "first": min(own.number, 1)})
    yield from by_name
    yield from (Paging({"parameter": name, "first": first}) for name, first in counted(soup, url))


def counted(soup: BeautifulSoup, url: str) -> list[tuple[str, int]]:
    """The parameters that links to pages of the list have, and the number of the first page."""
    own = parameters(url)
    found: Counter[tuple[str, int]] = Counter()
    for tag, target in _links(soup, url):
        page, given = page_parameter(target), parameters(target)
        is_other = any(own.get(name, value) != value for name, value in given.items())
        if (
            page is None
            or page.name in own
            or is_other
            or urlsplit(target)[:3] != urlsplit(url)[:3]
        ):
            continue
        shown = tag.get_text().strip()
        first = page.number - int(shown) + 1 if shown.isascii() and shown.isdigit() else 1
        if first in (0, 1):
            found[page.name, first] += 1
    return [one for one, _ in found.most_common()]


def _links(soup: BeautifulSoup, url: str) -> Iterator[_Link]:
    base = soup.find("base", href=True)
    try:
        start = follow(url, str(base["href"])) if isinstance(base, Tag) else ""
    except SourceError:
        start = ""
    for tag in soup.find_all("a", href=True):
        try:
            target = follow(start or url, str(tag["href"]))
        except SourceError:
            continue
        if target:
            yield _Link(tag, target)


def _selectors(link: Tag, soup: BeautifulSoup) -> Iterator[str]:
    """Selectors whose first match is a link, by what says that it leads to the next page."""
    parent = link.parent
    around = f"{name_of(parent)}{classes_of(parent)} > " if parent and classes_of(parent) else ""
    for own in _names_of_next(link):
        for selector in (own, f"{around}{own}"):
            if soupsieve.select_one(selector, soup) is link:
                yield selector
                break


def _names_of_next(link: Tag) -> Iterator[str]:
    if "next" in link.get_attribute_list("rel"):
        yield "a[rel~='next']"
    for name in link.get_attribute_list("class"):
        if _is_next(str(name or "")):
            yield f"a.{name}"
    for name in link.parent.get_attribute_list("class") if link.parent else ():
        if _is_next(str(name or "")):
            yield f".{name} > a"
    for attribute in ("aria-label", "title"):
        if (label := str(link.get(attribute) or "")).lower() in _LABELS:
            yield f"a[{attribute}='{label}']"


def _is_next(name: str) -> bool:
    return is_stable(name) and "next" in words(name)
