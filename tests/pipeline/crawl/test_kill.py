"""Crawls that are killed or run out of disk space, and resume."""

from __future__ import annotations

import json
import multiprocessing
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
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
from tests.pipeline.crawl.once import main
from tests.processes import ROOT, running
from tests.site import Site, serve

PAGES_PER_KILL = 20
"""So many that a crawl does not end before it is killed, even when the machine is busy."""
FORKS = multiprocessing.get_context("forkserver")
"""Makes processes that have imported what a crawl needs, which takes longer than their life."""
FORKS.set_forkserver_preload(["pipeline.crawl.run"])


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


def begin(settings: SiteSource, where: Path | str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a crawl in a separate process."""
    once = (sys.executable, "-m", "tests.pipeline.crawl.once")
    return running(
        *(*once, settings.model_dump_json(), str(where)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def done_paths(where: Path | str) -> set[str]:
    """Pages that are committed to the database."""
    with Database(where) as database, database.reading() as connection:
        done = connection.scalars(sa.text("SELECT request FROM requests WHERE state = 'done'"))
        urls = [urlsplit(json.loads(request)["url"]) for request in done]
    return {f"{url.path}?{url.query}" if url.query else url.path for url in urls}


@pytest.mark.parametrize(
    ("database_url", "shape", "kills"),
    [
        ("sqlite", "many pages at once", 3),
        ("postgresql", "a list", 3),
        pytest.param("sqlite", "a list", 20, marks=pytest.mark.long),
        pytest.param("postgresql", "many pages at once", 10, marks=pytest.mark.long),
    ],
    indirect=["database_url"],
)
def test_repeatedly_killed_crawl_gives_the_same_result(
    site: Site, database_url: Path | str, shape: str, kills: int, chance: random.Random
) -> None:
    pages = kills * PAGES_PER_KILL
    listed = entries(1, pages * 30)
    fetch = {"delay": 0.05, "connections": 1 if shape == "a list" else 4}
    if shape == "a list":
        wanted = publish(site, listed, per_page=30)
        settings: SiteSource = source(site, fetch=fetch)
    else:
        wanted = publish_complexes(site, range(pages))
        settings = complexes(site, fetch=fetch | {"private_hosts": ["127.0.0.1"]})
    for _ in range(kills):
        asked, done = len(site.requests), done_paths(database_url)
        short = FORKS.Process(target=main, args=(settings.model_dump_json(), str(database_url)))
        short.start()
        while len(site.requests) == asked and short.is_alive():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.2))
        short.kill()
        short.join()
        assert short.exitcode == -signal.SIGKILL, "the crawl ended before it was killed"
        assert not done & set(site.requests[asked:])
    asked, done = len(site.requests), done_paths(database_url)
    with begin(settings, database_url) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert not done & set(site.requests[asked:])
    assert set(wanted) <= set(site.requests)
    with Database(database_url) as database:
        store = Store(database)
        if isinstance(settings, HtmlSource):
            assert matches(stored(store, settings), listed)
        else:
            name = f"zigbang:{site.url.removeprefix('http://')}"
            found = [review.review_id for batch in store.read(name) for review in batch]
            assert sorted(found, key=int) == [str(number) for number in range(pages)]
    assert f'"new": {len(listed) if shape == "a list" else pages}' in out


def test_crawl_on_a_full_disk_fails_and_resumes(site: Site, small_disk: Path) -> None:
    listed = [(key, text * 20, rating) for key, text, rating in entries(1, 8_000)]
    paths = publish(site, listed, per_page=100)
    settings = source(site)
    with begin(settings, small_disk / "reviews.db") as process:
        _, err = process.communicate()
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
