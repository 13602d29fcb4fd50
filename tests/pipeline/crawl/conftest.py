"""A site and a store of their own for each test of a crawl."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.reviews.store import Store
from pipeline.storage.database import Database
from tests.pipeline.crawl.endings import LOGIN
from tests.site import Answer, Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        served.answers["/login"] = Answer(LOGIN.replace("li ", "b "))
        yield served


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Database(tmp_path / "reviews.db") as database:
        yield Store(database)
