"""Suggests the settings for a site, from the address of a page with reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

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
from pipeline.inspect.html_paging import html_pagings
from pipeline.inspect.html_parts import BAR_FACTOR, BAR_PATTERN
from pipeline.inspect.json_lists import JsonList, find_json_list
from pipeline.inspect.json_paging import json_pagings, script_pagings
from pipeline.inspect.paging import Paging, choose_paging
from pipeline.inspect.site import describe, fetcher_of
from pipeline.inspect.toml import toml_value
from pipeline.redact import printable, redact
from pipeline.settings import HtmlSource, JsonSource
from pipeline.settings.load import SECRETS_OF_SOURCES

GUESSED = (
    "these settings are a guess: compare the rows above with the page in a browser, and correct "
    "the settings below"
)
UNREAD = (
    "the next page could not be read, so source.paging is a guess as well: check where the list "
    "goes on"
)
_NAMES = ("id", "text", "pros", "cons", "rating", "label", "date", "group")


class Guess(NamedTuple):
    """Settings that may read a page.

    Attributes:
        values: Settings below ``source``, without the address, the requests and the paging.
        fields: The fields.
        pagings: The ways in which the list may go on, the most likely first.
    """

    values: Mapping[str, Any]
    fields: Fields
    pagings: Iterator[Paging]


def inspect_address(source: JsonSource) -> Inspection:
    """Fetch a page and suggest settings that read the reviews on it.

    Obeys robots.txt and the rate limits of ``source.fetch``. The next page is read too, to make
    sure that the list goes on as the settings say.

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
                f"{page.url}: nothing on the page looks like a list of reviews with Korean texts; "
                "if a browser shows reviews there, look for their address under Network in its "
                "developer tools, and inspect that address"
            )
        best = max(guesses, key=lambda one: one.fields.quality)
        found, doubt = choose_paging(
            best.pagings, lambda paging: _source(source, best, paging), page, fetcher
        )
    site = site_of(found)
    result = describe(found, page, site.parse(next(iter(site.start())), page))
    if doubt:
        result.problems.insert(0, printable(redact(f"{UNREAD}: {doubt}")))
    result.problems.insert(0, GUESSED)
    result.toml = _toml(found)
    return result


def _source(source: JsonSource, guess: Guess, paging: Paging | None) -> HtmlSource | JsonSource:
    """The source with the settings of a guess."""
    kind = HtmlSource if guess.values["kind"] == "html" else JsonSource
    own = {"url": (paging.url if paging else "") or source.url, "fetch": source.fetch}
    values = {**guess.values, **own, "paging": dict(paging.values) if paging else None}
    return kind.model_validate(values)


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
                "fields": _fields(found.fields, found.texts),
            }
            yield Guess(values, found.fields, html_pagings(soup, page.url))
        return
    if listed := find_json_list(answer):
        identity = listed.fields.places.get("id", "")
        pagings = json_pagings(answer, listed.items, page.url, identity)
        yield _of_json(listed, pagings)


def _of_scripts(soup: BeautifulSoup, url: str) -> Iterator[Guess]:
    for script in soup.find_all("script"):
        try:
            answer = parse_script(script.get_text())
        except ValueError:
            continue
        if found := find_json_list(answer):
            pagings = script_pagings(soup, answer, found.items, url)
            yield _of_json(found, pagings, script=_selector(script))


def _selector(script: Tag) -> str:
    identity, kind = str(script.get("id") or ""), str(script.get("type") or "")
    if re.fullmatch(r"[A-Za-z_][\w-]*", identity):
        return f"script#{identity}"
    return f"script[type='{kind}']" if re.fullmatch(r"[\w/+.-]+", kind) else "script"


def _of_json(found: JsonList, pagings: Iterator[Paging], script: str = "") -> Guess:
    values = {
        "kind": "json",
        "script": script,
        "items": found.items,
        "fields": _fields(found.fields),
    }
    return Guess(values, found.fields, pagings)


def _fields(fields: Fields, texts: Sequence[str] = ()) -> dict[str, str | Sequence[str]]:
    named = {one: fields.places[one] for one in _NAMES if one in fields.places}
    text = texts if len(texts) > 1 else "".join(texts) or named.get("text", "")
    return {"rating": "", **named, "text": text}


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
