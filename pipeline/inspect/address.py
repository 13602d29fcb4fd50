"""Suggests the settings for a site, from the address of a page with reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from pipeline.crawl.parse.json_path import parse_json
from pipeline.crawl.run import check_source, site_of
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.embedded_json import parse_script
from pipeline.crawl.sites.selectors import parse_html
from pipeline.errors import SourceError
from pipeline.inspect.fields import Fields
from pipeline.inspect.findings import Inspection
from pipeline.inspect.html_lists import find_html_list
from pipeline.inspect.html_parts import BAR_FACTOR, BAR_PATTERN
from pipeline.inspect.json_lists import find_json_list
from pipeline.inspect.site import describe, fetcher_of
from pipeline.inspect.toml import toml_value
from pipeline.settings import HtmlSource, JsonSource
from pipeline.settings.load import SECRETS_OF_SOURCES

GUESSED = (
    "these settings are a guess: compare the rows above with the page in a browser, and correct "
    "the settings below"
)
_PAGE = re.compile(r"page|p|pg|page_?(?:no|num|number|index)|current_?page|cpage", re.IGNORECASE)
"""Names of parameters that hold a page number."""
_IS_NEXT = re.compile(r"(?:[a-z]+[_-]+)*next(?:[_-]+[a-z]+)*", re.IGNORECASE)
"""Classes of a link to the next page."""
_NAMES = ("id", "text", "pros", "cons", "rating", "label", "date", "group")


class Guess(NamedTuple):
    """Settings that may read a page.

    Attributes:
        values: Settings below ``source``, without the address and the requests.
        fields: The fields.
    """

    values: Mapping[str, Any]
    fields: Fields


class _PageParameter(NamedTuple):
    """A parameter that holds a page number, and the number of the first page."""

    name: str
    first: int


def inspect_address(source: JsonSource) -> Inspection:
    """Fetch a page and suggest settings that read the reviews on it.

    Obeys robots.txt and the rate limits of ``source.fetch``.

    Args:
        source: The address and how to request it; its other settings are ignored.

    Raises:
        SourceError: Nothing on the page looks like a list of reviews.
        FetchError: The page could not be fetched.
        SettingsError: ``source.fetch.contact`` is missing for a public site.
    """
    check_source(source)
    with fetcher_of(source, source.url) as fetcher:
        page = fetcher.fetch(Request(url=source.url))
    guesses = list(_guesses(page))
    if not guesses:
        raise SourceError(
            f"{page.url}: nothing on the page looks like a list of reviews with Korean texts; if a "
            "browser shows reviews there, look for their address under Network in its developer "
            "tools, and inspect that address"
        )
    best = max(guesses, key=lambda one: one.fields.quality)
    values = {**best.values, "url": source.url, "fetch": source.fetch}
    kind = HtmlSource if best.values["kind"] == "html" else JsonSource
    found = kind.model_validate(values)
    site = site_of(found)
    result = describe(found, page, site.parse(next(iter(site.start())), page))
    result.problems.insert(0, GUESSED)
    result.toml = _toml(found)
    return result


def _guesses(page: Page) -> Iterator[Guess]:
    """Guesses for the response itself, for its scripts and for its elements."""
    try:
        answer = parse_json(page.text, page.url)
    except SourceError:
        soup = parse_html(page.text)
        yield from _of_scripts(soup, page.url)
        if found := find_html_list(soup):
            bar = {"rating_pattern": BAR_PATTERN, "rating_factor": BAR_FACTOR}
            values = {
                "kind": "html",
                "item": found.item,
                **(bar if found.has_bar else {}),
                "fields": _fields(found.fields),
                "paging": _html_paging(soup, page.url),
            }
            yield Guess(values, found.fields)
        return
    if listed := find_json_list(answer):
        yield _of_json(listed.items, listed.fields, page.url)


def _of_scripts(soup: BeautifulSoup, url: str) -> Iterator[Guess]:
    for script in soup.find_all("script"):
        try:
            answer = parse_script(script.get_text())
        except ValueError:
            continue
        if found := find_json_list(answer):
            yield _of_json(found.items, found.fields, url, script=_selector(script))


def _selector(script: Tag) -> str:
    identity, kind = str(script.get("id") or ""), str(script.get("type") or "")
    if re.fullmatch(r"[A-Za-z_][\w-]*", identity):
        return f"script#{identity}"
    return f"script[type='{kind}']" if re.fullmatch(r"[\w/+.-]+", kind) else "script"


def _of_json(items: str, fields: Fields, url: str, script: str = "") -> Guess:
    values = {
        "kind": "json",
        "script": script,
        "items": items,
        "fields": _fields(fields),
        "paging": _json_paging(url),
    }
    return Guess(values, fields)


def _fields(fields: Fields) -> dict[str, str]:
    named = {one: fields.places[one] for one in _NAMES if one in fields.places}
    return {"text": "", "rating": "", **named}


def _json_paging(url: str) -> dict[str, Any] | None:
    if found := _page_parameter(url):
        return {"kind": "page", "parameter": found.name, "first": found.first}
    return None


def _html_paging(soup: BeautifulSoup, url: str) -> dict[str, Any] | None:
    """Pagination by the link to the next page, or by a parameter that links to pages have."""
    own = _page_parameter(url)
    links = [one for one in soup.find_all("a", href=True) if isinstance(one, Tag)]
    for link in links:
        if "next" in link.get_attribute_list("rel"):
            return {"link": "a[rel~='next']"}
        named = [
            str(one) for one in link.get_attribute_list("class") if _IS_NEXT.fullmatch(one or "")
        ]
        if named and not own:
            return {"link": f"a.{named[0]}"}
    if own:
        return {"parameter": own.name, "first": own.first}
    addresses = (urljoin(url, str(link["href"])) for link in links)
    same = (one for one in addresses if urlsplit(one).path == urlsplit(url).path)
    found = next(filter(None, map(_page_parameter, same)), None)
    return {"parameter": found.name} if found else None


def _page_parameter(url: str) -> _PageParameter | None:
    """The parameter of a URL that looks like a page number."""
    for name, value in parse_qsl(urlsplit(url).query):
        if _PAGE.fullmatch(name) and re.fullmatch(r"\d{1,6}", value, re.ASCII):
            return _PageParameter(name, min(int(value), 1))
    return None


def _toml(source: HtmlSource | JsonSource) -> str:
    """The settings as TOML, without secrets."""
    hidden = {name.rpartition(".")[2] for name in SECRETS_OF_SOURCES}
    own = source.model_dump(mode="json", exclude_defaults=True, exclude={"fetch": hidden})
    tables = {name: own.pop(name) for name in ("fields", "fetch") if name in own}
    lines = ["[source]", *(f"{name} = {toml_value(value)}" for name, value in own.items())]
    for name, table in tables.items():
        lines += ["", f"[source.{name}]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"
