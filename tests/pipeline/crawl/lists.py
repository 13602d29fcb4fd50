"""A site with a list of reviews in HTML, newest first, or an API of complexes, and its settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from pipeline.crawl import run as sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import HtmlSource, ZigbangSource
from tests.site import Answer, Site

Entry = tuple[str, str, int]
"""Identity, text and rating of a review."""


def entries(first: int, last: int) -> list[Entry]:
    """Reviews by number, the highest first, each different."""
    return [
        (str(n), f"{n}번째 후기, 살기 {n % 7}점", 1 + n % 5) for n in range(last, first - 1, -1)
    ]


def publish(site: Site, listed: Sequence[Entry], per_page: int = 10) -> list[str]:
    """Let the site show these reviews on pages that link to the next; returns the paths."""
    pages = [listed[i : i + per_page] for i in range(0, len(listed), per_page)] or [[]]
    paths = [f"/list?page={number}" for number in range(1, len(pages) + 1)]
    site.answers |= {
        path: Answer(page(part, following))
        for path, part, following in zip(paths, pages, [*paths[1:], ""], strict=True)
    }
    return paths


def page(part: Sequence[Entry], following: str) -> str:
    """One page of a list."""
    items = "".join(
        f'<li id="{key}"><p>{escape(text)}</p><b>{rating}</b></li>' for key, text, rating in part
    )
    return f'<ul>{items}</ul><a class="next" href="{escape(following)}">다음</a>'


def source(site: Site, *, fetch: dict[str, Any] | None = None, **changes: Any) -> HtmlSource:
    """Settings that read the list, without a pause between requests."""
    described: dict[str, Any] = {
        "kind": "html",
        "url": f"{site.url}/list?page=1",
        "item": "li",
        "fields": {"id": "@id", "text": "p", "rating": "b"},
        "paging": {"link": "a.next"},
        "fetch": {
            "delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 2, **(fetch or {}),
        },
        **changes,
    }  # fmt: skip
    return HtmlSource.model_validate(described)


def crawl(settings: HtmlSource, store: Store, *, full: bool = False) -> CrawlSummary:
    """Crawl the list into the store."""
    return sources.crawl(settings, store, full=full)


def stored(store: Store, settings: HtmlSource) -> dict[str, Review]:
    """What the store has of the list, by identity."""
    found = [review for batch in store.read(f"html:{settings.url}") for review in batch]
    assert len({review.review_id for review in found}) == len(found)
    return {review.review_id: review for review in found}


def matches(found: dict[str, Review], listed: Sequence[Entry]) -> bool:
    """Whether the store has exactly these reviews."""
    return {(review.review_id, review.text, review.rating) for review in found.values()} == {
        (key, text, float(rating)) for key, text, rating in listed
    }


def publish_complexes(site: Site, numbers: Iterable[int]) -> list[str]:
    """Let the site answer with complexes of one review each; returns the paths of their reviews."""
    as_json = {"Content-Type": "application/json"}
    paths = {number: f"/property/apartments/{number}/reviews/v1" for number in numbers}
    cell = {"items": [{"areaDanjiId": number} for number in paths]}
    site.answers["/v2/aparts/items?domain=zigbang&geohash=wydm6"] = Answer(
        json.dumps(cell), headers=as_json
    )
    for number, path in paths.items():
        review = {"id": number, "desc": "좋아요", "score": 5, "date": "2026-11-23"}
        site.answers[path] = Answer(json.dumps({"data": [review]}), headers=as_json)
    return list(paths.values())


def complexes(site: Site, **changes: Any) -> ZigbangSource:
    """Settings that read the complexes; a page that fails is not asked for twice."""
    fetch = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}
    described = {"kind": "zigbang", "base_url": site.url, "cells": ["wydm6"], "fetch": fetch}
    return ZigbangSource.model_validate(described | changes)
