"""Finished runs, a served model and a browser that the tests of the flows share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from playwright.sync_api import Browser, sync_playwright

from pipeline.crawl import demo_site
from pipeline.crawl.demo_site import DATA, DemoSite
from pipeline.model.registry import Registry
from pipeline.predict.transfer import export_model, import_model
from pipeline.storage.manifest import Manifest
from tests.commands import Command
from tests.flows.api import Api, serve_api, workspace_of
from tests.flows.hostile import SITE
from tests.flows.own import FEW, WITHOUT_STARTER, changes, rated, write_own
from tests.pipeline.small_model import copy_small
from tests.shell import DEMO
from tests.workers import folder_of_all_workers

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

CHROMIUM = shutil.which("chromium")
OF_FINISHED = {
    "REVIEW_SENTIMENT_TOKENIZER__NAME": "mecab",
    "REVIEW_SENTIMENT_TRAIN__EPOCHS": "2",
    "REVIEW_SENTIMENT_MODEL__EMBEDDING_SIZE": "16",
    "REVIEW_SENTIMENT_MODEL__LSTM_UNITS": "8",
    "REVIEW_SENTIMENT_SPLIT__FOLDS": "3",
}
"""Settings of the finished run: a small network on MeCab tokens."""


@pytest.fixture(scope="session")
def fifth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fifth of the demo reviews: runs on all of them take minutes."""
    folder = tmp_path_factory.mktemp("fifth")
    lines = (DATA / "reviews.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "reviews.jsonl").write_bytes(b"".join(lines[::5]))
    (folder / "complexes.json").write_bytes((DATA / "complexes.json").read_bytes())
    return folder


@pytest.fixture(scope="module")
def few_reviews(fifth: Path) -> Iterator[DemoSite]:
    """The demo site with a fifth of the reviews."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo_site, "DATA", fifth)
        with demo_site.serve_demo_site() as site:
            yield site


@pytest.fixture(scope="session")
def finished(
    shell: Command, fifth: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Workspace of a finished run on these reviews, and its last line of output."""
    root = tmp_path_factory.mktemp("run") / "workspace"
    settings = OF_FINISHED | {DEMO: str(fifth)}
    answer = shell(root.parent, "run", "--workspace", root, **settings)
    assert answer.status == 0, answer.err
    return root, answer.out.splitlines()[-1]


@pytest.fixture(scope="session")
def quick_run(shell: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``own.csv`` and the workspace of a finished run on it; none may change it."""
    with folder_of_all_workers(tmp_path_factory, "quick") as folder:
        if not list(folder.glob("data/workspace/report/*/manifest.json")):
            write_own(folder, rated(FEW))
            answer = shell(folder, "run", *changes(*WITHOUT_STARTER))
            assert answer.status == 0, answer.err
        return folder


@pytest.fixture(scope="session")
def api_home(small_model: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace with two versions of a small model; the first is the champion."""
    folder = tmp_path_factory.mktemp("home")
    workspace = workspace_of(folder)
    manifest = copy_small(small_model, workspace.root)
    rule, source = "positive from 0.5", "a table"
    Registry(workspace).add(manifest, rule=rule, source=source, metric="macro_f1", network=0.9)
    export_model(1, folder / "small.zip", workspace)
    import_model(folder / "small.zip", workspace)
    return folder


@pytest.fixture(scope="module")
def api(api_home: Path) -> Iterator[Api]:
    """A server of this workspace with low limits."""
    limits = ("api.max_body_bytes=4096", "api.max_texts=20", "api.max_characters=100")
    with serve_api(api_home, *limits) as served:
        yield served


@pytest.fixture
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    """A client of the shared Prefect server."""
    from tests.flows.unserved import connected  # Prefect takes seconds to import

    with connected(prefect_server) as client:
        yield client


@pytest.fixture
def deployment(client: SyncPrefectClient) -> Iterator[UUID]:
    """The id of a deployment that no process serves."""
    from tests.flows.unserved import unserved

    with unserved(client) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that finds the other site of :mod:`tests.flows.hostile` on this machine."""
    if CHROMIUM is None:
        pytest.skip("needs chromium")
    rebound = f"--host-resolver-rules=MAP {SITE} 127.0.0.1"  # as after DNS rebinding
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", rebound]
        )
        yield started
        started.close()
