"""What all tests share."""

from __future__ import annotations

import functools
import gc
import os
import random
import secrets
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from xdist.scheduler import LoadScopeScheduling

from pipeline.crawl.demo_site import DemoSite, serve_demo_site
from pipeline.storage.database import Database
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from pipeline.target.kinds import AnyTarget
from pipeline.target.score import Score
from tests.commands import Command, open_shell, serve_prefect
from tests.pipeline.small_model import train_small
from tests.postgresql import serve_postgresql
from tests.processes import ROOT
from tests.workers import folder_of_all_workers

MOVIES = ROOT.parent / "shared" / "data" / "naver_movies"
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
}
"""Environment of all tests: workers keep the cores busy, so more threads only wait for each other;
the blocks of Prefect, which no test uses, and importing Dask for them take a server seconds."""

SLOW = ("tests/flows/", *(f"tests/pipeline/{one}/" for one in ("stages", "tokenizer", "train")))
START_SERVERS = {
    f"tests/flows/test_{one}.py"
    for one in (
        *("dashboard_access", "ephemeral_server", "hostile_page", "proxy", "purge", "serve"),
        *("server_restart", "start", "wheel", "worker"),
    )
}
"""Modules of flows that use servers of their own only, but for a few of their tests."""
SMALL_MODELS = {"small_model", "small_score_model"}
SCOPES = {
    "networks": (
        *(f"tests/pipeline/{one}/" for one in ("explain", "model", "train")),
        *(f"tests/pipeline/predict/test_{one}.py" for one in ("bundle", "predictor")),
        *("tests/pipeline/storage/test_awkward_files.py", "tests/test_library.py"),
        "tests/pipeline/target/test_kinds.py",
        *(f"tests/pipeline/starter/test_{one}.py" for one in ("build", "network")),
    ),
    "stages": tuple(
        f"tests/pipeline/stages/test_{one}.py"
        for one in ("end_to_end", "folds", "gain", "pretrain", "promote", "skewed", "sources")
    ),
    "taggers": (
        "tests/pipeline/tokenizer/",
        *(f"tests/pipeline/topics/test_{one}.py" for one in ("analysis", "demo_mentions", "nouns")),
        *("tests/pipeline/topics/test_reading.py", "tests/pipeline/stages/test_topics.py"),
    ),
}
"""Folders and modules that one worker runs, since TensorFlow or Java takes seconds to start."""

settings.register_profile("steady", deadline=None, print_blob=True)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Keep what the environment says from the tests: settings and proxies; see :data:`FRUGAL`."""
    gc.disable()
    for name in list(os.environ):
        if name.startswith(("REVIEW_SENTIMENT_", "PREFECT_")) or name.lower() in PROXIES:
            del os.environ[name]
    os.environ.update(FRUGAL)


class ByFixtures(LoadScopeScheduling):  # type: ignore[misc]
    """Modules that share TensorFlow or Java go to one worker, others each to any.

    One worker runs all flows that share a server, or two if the long tests are among them.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self._dealt: dict[str, int] = {}  # in turn, as those with most minutes come first

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        for scope, parts in SCOPES.items():
            if module.startswith(parts):
                return scope
        if not module.startswith("tests/flows/") or module in START_SERVERS:
            return module
        if self.config.option.markexpr == "not long":
            return "servers"
        return f"servers {self._dealt.setdefault(module, len(self._dealt) % 2)}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFixtures | None:
    """Tell which tests go to which worker, in the order of their collection.

    Meanwhile Hypothesis finds out all characters and keeps them on disk, in a process with few
    objects: in a worker that is far along it took a minute.
    """
    st.text().validate()
    return ByFixtures(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take most minutes, then with those of the slow folders.

    Of the flows, those that need the small model come last: by then, a worker that has TensorFlow
    anyway has trained it.
    """
    minutes: defaultdict[Path, float] = defaultdict(float)
    late: set[Path] = set()
    for item in items:
        for mark in item.iter_markers("long"):
            minutes[item.path] += mark.kwargs.get("minutes", 0)
        used = item.fixturenames if isinstance(item, pytest.Function) else ()
        if item.nodeid.startswith("tests/flows/") and not SMALL_MODELS.isdisjoint(used):
            late.add(item.path)
    items.sort(
        key=lambda one: (-minutes[one.path], not one.nodeid.startswith(SLOW), one.path in late)
    )


def pytest_collection_finish() -> None:
    """Collect garbage from here on, but not among what imports and collection made."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def environment() -> Iterator[None]:
    """Undo what a module changes in the environment: Dask limits the threads of BLAS there."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys() - {"PYTEST_CURRENT_TEST"}:
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture
def chance() -> random.Random:
    """Another one each time; the output of a failed test has the seed, which CHANCE sets."""
    seed = os.environ.get("CHANCE") or secrets.token_hex(4)
    print(f"CHANCE={seed}")
    return random.Random(seed)  # noqa: S311


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
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """A model of two kinds of texts that all tests share; none may change its folder."""
    return train_once(tmp_path_factory, "small", BINARY)


@pytest.fixture(scope="session")
def small_score_model(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The same for ratings."""
    return train_once(tmp_path_factory, "small-score", Score(lowest=1, highest=5))


def train_once(factory: pytest.TempPathFactory, name: str, target: AnyTarget) -> Manifest:
    """A small model, which the first worker that needs it trains for all."""
    with folder_of_all_workers(factory, name) as folder:
        done = Workspace(folder).finished("model", "small")
        return done or train_small(folder, target, high=1)


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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a PostgreSQL server that all tests share; skipped where it is not installed."""
    with serve_postgresql() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """Address of an empty database of the PostgreSQL server."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(f"{postgresql}/postgres", autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
        )
    return f"{postgresql}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where an empty database is: a SQLite file, then a database of the PostgreSQL server."""
    if request.param == "sqlite":
        return tmp_path / "reviews.db"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: Path | str) -> Iterator[Database]:
    """An empty database, of each kind."""
    with Database(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def shell(prefect_server: str) -> Iterator[Command]:
    """Run ``review-sentiment`` in a folder, in a process that all commands share."""
    with open_shell(prefect_server) as run:
        yield run


@pytest.fixture
def command(shell: Command, tmp_path: Path) -> Command:
    """Run ``review-sentiment`` in ``tmp_path``."""
    return functools.partial(shell, tmp_path)


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
