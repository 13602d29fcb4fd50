"""A site of 60,000 real reviews; skipped where they are absent."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from pipeline.reviews.store import Store
from pipeline.storage.database import Database
from tests.pipeline.crawl.lists import crawl, matches, publish, source, stored
from tests.site import serve


@pytest.mark.long
def test_second_crawl_of_an_unchanged_site_sends_few_requests(movies: Path, tmp_path: Path) -> None:
    with gzip.open(movies / "site_reviews.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    listed = [(row["review_id"], row["text"], row["rating"]) for row in reversed(rows)]
    with serve() as site, Database(tmp_path / "reviews.db") as database:
        store = Store(database)
        pages = publish(site, listed, per_page=30)
        settings = source(site)
        first = crawl(settings, store)
        assert first.pages == len(pages) == 2001
        second = crawl(settings, store)
        assert second.reviews == {"known": 60}
        assert sum(second.requests.values()) < 0.02 * sum(first.requests.values())
        found = stored(store, settings)
        texts = {key: text.strip() for key, text, _ in listed}
        assert {key: review.text for key, review in found.items()} == texts
        assert matches(found, [(key, texts[key], rating) for key, _, rating in listed])
