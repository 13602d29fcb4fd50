"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DemoSite, serve_demo_site
from pipeline.workspace import Workspace

MOVIES = Path(__file__).parents[2] / "shared" / "data" / "naver_movies"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    made.check()
    return made


@pytest.fixture(scope="session")
def demo_site() -> Iterator[DemoSite]:
    with serve_demo_site() as site:
        yield site


@pytest.fixture(scope="session")
def movies() -> Path:
    """Folder of the labelled movie reviews; the test is skipped where it is absent."""
    if not MOVIES.is_dir():
        pytest.skip(f"no movie reviews at {MOVIES}")
    return MOVIES
