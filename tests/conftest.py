"""What all tests share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DemoSite, serve_demo_site
from pipeline.workspace import Workspace
from tests.commands import Answer, Command, serve_prefect, start

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


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Prefect server that all tests share."""
    with serve_prefect(tmp_path_factory.mktemp("prefect")) as url:
        yield url


@pytest.fixture
def command(prefect_server: str, tmp_path: Path) -> Command:
    """Run ``review-sentiment`` in a process of its own, in ``tmp_path``."""

    def run(*arguments: str | Path, **env: str) -> Answer:
        with start(prefect_server, tmp_path, *arguments, **env) as process:
            out, err = process.communicate(timeout=300)
        return Answer(process.returncode, out, err)

    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB; needs the right to mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a file system is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
