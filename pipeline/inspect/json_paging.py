"""Finds how a JSON list is divided into pages, by the address and the values around the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup

from pipeline.crawl.parse.json_path import look_up
from pipeline.crawl.parse.urls import with_parameter
from pipeline.crawl.sites.base import Request
from pipeline.crawl.sites.json_frame import goes_on
from pipeline.inspect.html_paging import counted
from pipeline.inspect.names import words
from pipeline.inspect.paging import Paging
from pipeline.inspect.parameters import (
    is_cursor,
    is_offset,
    is_page,
    page_parameter,
    parameters,
    without,
)

MAX_NAMES = 3
"""Maximum number of parameters that are tried for a value whose parameter is unknown."""
_ADDRESS = re.compile(r"https?://|[/?]")
_OFFSET = re.compile(r"\d{1,6}", re.ASCII)
_CURSOR = frozenset({"cursor", "next", "after", "continuation"})
_LAST = re.compile("pagetoken|last(?:id|no|seq|key|idx)")
_PAGES = re.compile("(?:total|max|last|all)pages?(?:no|num|count|cnt)?|pages?(?:count|cnt)")
_NUMBER_OF_PAGE = re.compile("(?:current|cur|now)?page(?:no|num|number|index|idx)?|number")


def json_pagings(answer: Any, items: str, url: str, identity: str) -> Iterator[Paging]:
    """The ways in which the list of an answer may go on, the most likely first.

    Args:
        answer: The answer.
        items: Path of the list.
        url: Address of the answer.
        identity: Path of the id in an item; empty if there is none.
    """
    around = dict(_around(answer, items))
    for path, value in around.items():
        if "next" in words(path) and isinstance(value, str) and _ADDRESS.match(value):
            yield Paging({"kind": "next", "path": path})
    if own := page_parameter(url):
        yield Paging({"kind": "page", "parameter": own.name, "first": min(own.number, 1)})
    count = len(look_up(answer, items))
    yield from _by_offset(url, count)
    given = {name: value for name, value in parameters(url).items() if is_cursor(name)}
    for path, value in around.items():
        if _is_cursor(path, value):
            for name in given or _parameters_of(path)[:MAX_NAMES]:
                values = {"kind": "cursor", "parameter": name, "path": path}
                start = without(url, name) if given.get(name, "0") not in ("", "0") else ""
                yield Paging(values, is_evident=bool(given), url=start)
    for name in given if identity else ():
        last = f"{items}.-1.{identity}".removeprefix(".")
        yield Paging({"kind": "cursor", "parameter": name, "path": last}, is_evident=False)
    if not own and (_has_pages(around) or goes_on(answer, items, count, Request(url=url))):
        yield from _by_number(around)


def script_pagings(soup: BeautifulSoup, answer: Any, items: str, url: str) -> Iterator[Paging]:
    """The ways in which the list in a script of a page may go on: by a page number only.

    Args:
        soup: The page.
        answer: The JSON of the script.
        items: Path of the list.
        url: Address of the page.
    """
    if own := page_parameter(url):
        yield Paging({"kind": "page", "parameter": own.name, "first": min(own.number, 1)})
        return
    for name, first in counted(soup, url):
        yield Paging({"kind": "page", "parameter": name, "first": first})
    around, count = dict(_around(answer, items)), len(look_up(answer, items))
    if _has_pages(around) or goes_on(answer, items, count, Request(url=url)):
        yield from _by_number(around)


def _by_offset(url: str, count: int) -> Iterator[Paging]:
    """Pagination by a parameter of the address that counts items; it begins at the first item."""
    for name, value in parameters(url).items():
        if is_offset(name) and _OFFSET.fullmatch(value):
            first = 1 if count and int(value) % count == 1 else 0
            start = with_parameter(url, name, first) if int(value) != first else ""
            yield Paging({"kind": "offset", "parameter": name}, url=start)


def _by_number(around: Mapping[str, Any]) -> Iterator[Paging]:
    """Pagination by a page number of which only the answer tells."""
    shown = {
        path.rpartition(".")[2]: value
        for path, value in around.items()
        if type(value) is int and _NUMBER_OF_PAGE.fullmatch(_plain(path))
    }
    for path, value in around.items():
        if type(value) is int and is_offset(path.rpartition(".")[2]):
            name = path.rpartition(".")[2]
            yield Paging({"kind": "offset", "parameter": name}, is_evident=False)
    firsts = [one for one in (0, 1) if one in shown.values()] or [1, 0]
    for name in dict.fromkeys(("page", *filter(is_page, shown))):
        for first in firsts:
            values = {"kind": "page", "parameter": name, "first": first}
            yield Paging(values, is_evident=False)


def _around(value: Any, items: str, path: str = "") -> Iterator[tuple[str, Any]]:
    """The single values outside the list, by path."""
    if isinstance(value, dict) and path != items:
        for key, inner in value.items():
            if key and "." not in key:
                yield from _around(inner, items, f"{path}.{key}" if path else key)
    elif not isinstance(value, dict | list):
        yield path, value


def _is_cursor(path: str, value: Any) -> bool:
    is_value = isinstance(value, str | int | float) and not isinstance(value, bool) and value
    if not is_value or (isinstance(value, str) and _ADDRESS.match(value)):
        return False
    found = words(path.rpartition(".")[2])
    return not _CURSOR.isdisjoint(found) or _LAST.fullmatch("".join(found)) is not None


def _parameters_of(path: str) -> list[str]:
    """The parameters that may send back a cursor, by its usual and its own name."""
    name = path.rpartition(".")[2]
    short = re.sub(r"^(?:next|end)_?(?=.)", "", name, flags=re.IGNORECASE)
    short = short[:1].lower() + short[1:]
    usual = {"endcursor": ["after"], "next": ["cursor", "after"]}.get(_plain(path), [])
    return list(dict.fromkeys((*usual, short, name)))


def _has_pages(around: Mapping[str, Any]) -> bool:
    """Whether the answer says that there are several pages."""
    return any(
        type(value) is int and value > 1 and _PAGES.fullmatch(_plain(path))
        for path, value in around.items()
    )


def _plain(path: str) -> str:
    return "".join(words(path.rpartition(".")[2]))
