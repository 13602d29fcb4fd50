"""Crawls that are killed or run out of disk space, and resume."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from pipeline.reviews.store import Store
from pipeline.settings import HtmlSource, SiteSource
from pipeline.storage.database import Database
from tests.pipeline.crawl.lists import (
    complexes,
    crawl,
    entries,
    matches,
    publish,
    publish_complexes,
    source,
    stored,
)
from tests.site import Site, serve

KILLS, FEWER_KILLS = 20, 5


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


def begin(settings: SiteSource, where: Path | str) -> subprocess.Popen[str]:
    """Start a crawl in a separate process."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.crawl.once", settings.model_dump_json(), str(where)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def done_paths(where: Path | str) -> set[str]:
    """Pages that are committed to the database."""
    with Database(where) as database, database.reading() as connection:
        done = connection.scalars(sa.text("SELECT request FROM requests WHERE state = 'done'"))
        urls = [urlsplit(json.loads(request)["url"]) for request in done]
    return {f"{url.path}?{url.query}" if url.query else url.path for url in urls}


@pytest.mark.parametrize("shape", ["a list", "many pages at once"])
def test_repeatedly_killed_crawl_gives_the_same_result(
    site: Site, database_url: Path | str, shape: str
) -> None:
    chance = random.Random()  # noqa: S311
    fetch = {"delay": 0.02, "connections": 1 if shape == "a list" else 4}
    if shape == "a list":
        wanted = publish(site, entries(1, 6_000), per_page=30)
        settings: SiteSource = source(site, fetch=fetch)
    else:
        wanted = publish_complexes(site, range(200))
        settings = complexes(site, fetch=fetch | {"private_hosts": ["127.0.0.1"]})
    most = shape == "a list" and isinstance(database_url, Path)
    for _ in range(KILLS if most else FEWER_KILLS):
        asked, done = len(site.requests), done_paths(database_url)
        with begin(settings, database_url) as process:
            while len(site.requests) == asked and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.2))
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "the crawl ended before it was killed"
        assert not done & set(site.requests[asked:])
    asked, done = len(site.requests), done_paths(database_url)
    with begin(settings, database_url) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert not done & set(site.requests[asked:])
    assert set(wanted) <= set(site.requests)
    with Database(database_url) as database:
        store = Store(database)
        if isinstance(settings, HtmlSource):
            assert matches(stored(store, settings), entries(1, 6_000))
        else:
            name = f"zigbang:{site.url.removeprefix('http://')}"
            found = [review.review_id for batch in store.read(name) for review in batch]
            assert sorted(found, key=int) == [str(number) for number in range(200)]
    assert '"new": ' + ("6000" if shape == "a list" else "200") in out


def test_crawl_on_a_full_disk_fails_and_resumes(site: Site, small_disk: Path) -> None:
    listed = [(key, text * 20, rating) for key, text, rating in entries(1, 8_000)]
    paths = publish(site, listed, per_page=100)
    settings = source(site)
    with begin(settings, small_disk / "reviews.db") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "reviews.db: database or disk is full; free disk space" in err
    assert err.count("\n") == 1
    before = len(set(site.requests))
    assert 2 < before < len(paths)
    subprocess.run(["mount", "-o", "remount,size=40m", small_disk], check=True)
    site.requests.clear()
    with Database(small_disk / "reviews.db") as database:
        store = Store(database)
        assert crawl(settings, store).reviews == {"new": 8_000}
        assert matches(stored(store, settings), listed)
    assert len(site.requests) == len(paths) - before + 3  # robots.txt, and the page without room
