"""Lists that end early or late: pages that are no page of the list, and an API of reviews."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

from pipeline.crawl import run as sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource
from tests.pipeline.crawl.lists import (
    Entry,
    entries,
    page,
)
from tests.site import Answer, Reply, Site, redirect

LISTED = entries(1, 50)

FOURTH = "/list?page=4"

LATER = "<html><body><h1>잠시 후 다시 시도해 주세요</h1></body></html>"

LOGIN = "<html><body><ul class=menu><li class=m>홈</ul><form><input type=password></form></html>"

AS_JSON = {"Content-Type": "application/json"}

NO_PAGES = {
    "try again later": Answer(LATER),
    "login": Answer(LOGIN.replace("li ", "b ")),
    "redirect to login": redirect("/login"),
    "captcha": Answer("<div id=captcha><img src=x></div>"),
    "empty body": Answer(""),
    "204": Answer(status=204),
    "206": Answer(page(LISTED[30:35], ""), status=206),
    "meta refresh": Answer("<meta http-equiv=refresh content='0; url=/login'>"),
    "undeclared gzip": Answer(gzip.compress(b"<ul><li id=1><p>x</p></ul>", mtime=0)),
}


def api(site: Site, **changes: Any) -> JsonSource:
    """Source settings for a JSON list."""
    described: dict[str, Any] = {
        "kind": "json",
        "url": f"{site.url}/api",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": "rating"},
        "paging": {"kind": "page", "parameter": "p"},
        "fetch": {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1},
        **changes,
    }
    return JsonSource.model_validate(described)


def publish_api(site: Site, listed: Sequence[Entry], end: Reply, **beside: Any) -> list[str]:
    """Serve ten reviews a page as JSON, then ``end``; returns the paths."""
    paths = []
    for start in range(0, len(listed), 10):
        items = [dict(zip(("id", "text", "rating"), one, strict=True)) for one in listed[start:start + 10]]  # fmt: skip  # noqa: E501
        paths.append(f"/api?p={start // 10 + 1}")
        site.answers[paths[-1]] = Answer(json.dumps({"reviews": items, **beside}), headers=AS_JSON)
    site.answers[f"/api?p={len(paths) + 1}"] = end
    return paths


def answer(**value: Any) -> Answer:
    return Answer(json.dumps(value), headers=AS_JSON)


def crawl_api(settings: JsonSource, store: Store, **how: Any) -> CrawlSummary:
    return sources.crawl(settings, store, **how)


def count(store: Store, name: str) -> int:
    return sum(len(batch) for batch in store.read(name))
