"""Test sites (an HTML list of reviews, an API of complexes) and their source settings."""

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
"""Id, text and rating of a review."""


def entries(first: int, last: int) -> list[Entry]:
    """Distinct reviews with ids ``last`` down to ``first``."""
    return [
        (str(n), f"{n}번째 후기, 살기 {n % 7}점", 1 + n % 5) for n in range(last, first - 1, -1)
    ]


def publish(site: Site, listed: Sequence[Entry], per_page: int = 10) -> list[str]:
    """Serve these reviews on linked pages; returns the paths of the pages."""
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
    """Source settings for the list, without delays between requests."""
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


def crawl(
    settings: HtmlSource, store: Store, *, full: bool = False, yes_delete: bool = False
) -> CrawlSummary:
    """Crawl the list into the store."""
    return sources.crawl(settings, store, full=full, yes_delete=yes_delete)


def stored(store: Store, settings: HtmlSource) -> dict[str, Review]:
    """Stored reviews of the list, by id."""
    found = [review for batch in store.read(f"html:{settings.url}") for review in batch]
    assert len({review.review_id for review in found}) == len(found)
    return {review.review_id: review for review in found}


def matches(found: dict[str, Review], listed: Sequence[Entry]) -> bool:
    """Whether exactly these reviews were found."""
    return {(review.review_id, review.text, review.rating) for review in found.values()} == {
        (key, text, float(rating)) for key, text, rating in listed
    }


def publish_complexes(site: Site, numbers: Iterable[int]) -> list[str]:
    """Serve complexes with one review each; returns the paths of their reviews."""
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
    """Source settings for the complexes, without retries."""
    fetch = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}
    described = {"kind": "zigbang", "base_url": site.url, "cells": ["wydm6"], "fetch": fetch}
    return ZigbangSource.model_validate(described | changes)
