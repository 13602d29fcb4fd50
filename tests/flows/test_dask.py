"""Runs on a Dask cluster give the same results as threads."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from distributed import LocalCluster
from moto.server import ThreadedMotoServer

from pipeline.crawl.demo_site import DemoSite
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.own import FEW, changes, options, rated, write_own
from tests.processes import free_port

pytestmark = pytest.mark.long

DASK = ["runner.kind=dask", "runner.workers=2"]
SECRET = "s3-s3cret"  # noqa: S105


def tokens(folder: Path) -> bytes:
    (path,) = folder.glob("data/workspace/tokens/*/tokens.parquet")
    return path.read_bytes()


@pytest.fixture(scope="module")
def ours(shell: Command, quick_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and with ``threads.csv``, made without Dask."""
    folder = tmp_path_factory.mktemp("threads")
    shutil.copytree(quick_run, folder, dirs_exist_ok=True)
    write_new(folder)
    answer = shell(folder, "predict", "new.csv", "--output", "threads.csv")
    assert answer.status == 0, answer.err
    return folder


def test_tokens_and_predictions_equal_those_of_threads(
    shell: Command, ours: Path, scheduler: str, tmp_path: Path
) -> None:
    write_own(tmp_path, rated(FEW))
    for command in ("crawl", "prepare"):
        answer = shell(tmp_path, command, *options("tokenizer.chunk_rows=50", *DASK))
        assert answer.status == 0, answer.err
    assert tokens(ours) == tokens(tmp_path)
    on_dask = changes(*DASK, f"runner.address={scheduler}")
    answer = shell(ours, "predict", "new.csv", "--output", "dask.csv", *on_dask)
    assert answer.status == 0, answer.err
    assert "21,001 rows" in answer.err
    assert (ours / "threads.csv").read_bytes() == (ours / "dask.csv").read_bytes()


def test_workers_that_can_only_access_a_bucket(
    bucket: dict[str, str], shell: Command, ours: Path, scheduler: str, cache: Path, tmp_path: Path
) -> None:
    theirs = tmp_path
    write_own(theirs, rated(FEW))
    assert shell(theirs, "crawl", *options()).status == 0
    far = [*DASK, f"runner.address={scheduler}", "runner.shared_url=s3://reviews/work"]
    changed = options("tokenizer.chunk_rows=50", *far)
    answer = shell(theirs, "prepare", *changed, **bucket)
    assert answer.status == 0, answer.err
    assert tokens(ours) == tokens(theirs)
    assert not stored(bucket)  # deleted after the run
    far_output = ("predict", "new.csv", "--output", "far.csv", *changes(*far))
    answer = shell(ours, *far_output, **bucket)
    assert answer.status == 0, answer.err
    assert (ours / "threads.csv").read_bytes() == (ours / "far.csv").read_bytes()
    assert all("/model-" in name for name in stored(bucket))
    assert list(cache.glob("review-sentiment/models/*/model.keras"))
    written = [path for root in (theirs, cache) for path in root.rglob("*") if path.is_file()]
    assert not [path for path in written if SECRET.encode() in path.read_bytes()]


def test_workers_share_a_crawl(
    shell: Command,
    few_reviews: DemoSite,
    scheduler: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    site = changes(
        "source.kind=zigbang",
        f"source.base_url={few_reviews.url}",
        f"source.cells={json.dumps(few_reviews.cells)}",
        "source.fetch.delay=0",
        'source.fetch.private_hosts=["127.0.0.1"]',
    )
    seen = []
    for runner in ([], [*DASK, f"runner.address={scheduler}"]):
        folder = tmp_path_factory.mktemp("crawl")
        answer = shell(folder, "crawl", "--json", *site, *changes(*runner))
        assert answer.status == 0, answer.err
        done = json.loads(answer.out)
        workspace = Workspace(folder / "data" / "workspace")
        reviews = pq.read_table(next(workspace.root.glob("crawl/*/reviews.parquet")))
        texts = sorted(reviews["text"].to_pylist())
        seen.append((done["rows"], done["details"]["pages"], done["details"]["reviews"], texts))
        again = shell(folder, "crawl", *site, *changes(*runner))
        assert f"reviews: {done['rows']:,} known" in again.err
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("runner.shared_url=s3://reviews", 'shared_url requires runner.kind = "dask"'),
        ("runner.shared_url=reviews", "is not a URL; write s3://bucket/path"),
        ("runner.shared_url=s3://me:word@reviews", "set them in the environment"),
        ("runner.shared_url=ftq://reviews", "write s3://bucket/path"),
        ("runner.shared_url=s3://no-such-bucket", "cannot write to s3://no-such-bucket"),
    ],
)
def test_unusable_shared_url_is_an_error(
    bucket: dict[str, str], command: Command, tmp_path: Path, change: str, message: str
) -> None:
    write_own(tmp_path, rated(FEW))
    runner = DASK if "requires" not in message else []
    assert command("crawl", *options()).status == 0
    answer = command("prepare", *options(*runner, change), **bucket)
    assert answer.status == 2, answer.err
    assert message in answer.error
    assert answer.error.count("\n") == 1


def test_unreachable_scheduler_is_an_error(command: Command, tmp_path: Path) -> None:
    write_own(tmp_path, rated(FEW))
    assert command("crawl", *options()).status == 0
    address = f"tcp://127.0.0.1:{free_port()}"
    answer = command("prepare", *options("runner.kind=dask", f"runner.address={address}"))
    assert answer.status == 2
    assert answer.error == (
        f"no Dask scheduler responds at {address}; "
        "start one with `dask scheduler` or leave runner.address empty\n"
    )


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    """An object store with an empty bucket; gives the environment to reach it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "analyst",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "ap-northeast-2",
    }
    try:
        where = {"LocationConstraint": environment["AWS_DEFAULT_REGION"]}
        client(environment).create_bucket(Bucket="reviews", CreateBucketConfiguration=where)
        yield environment
    finally:
        server.stop()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder where the workers keep what they download."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def scheduler(bucket: dict[str, str], cache: Path) -> Iterator[str]:
    """Address of a cluster with two workers, which can access the bucket."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in (bucket | {"XDG_CACHE_HOME": str(cache)}).items():
            environment.setenv(name, value)
        cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster:
        yield cluster.scheduler_address


def client(environment: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def stored(environment: dict[str, str]) -> list[str]:
    """Names of all objects in the bucket."""
    found = client(environment).list_objects_v2(Bucket="reviews").get("Contents", [])
    return [one["Key"] for one in found]


def write_new(folder: Path) -> None:
    """Write ``new.csv``, 21,001 rows, one of which has no text."""
    with (folder / "new.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(f"{text[:20]} {number}",) for number in range(35) for text, _ in rated()]
        csv.writer(file).writerows([("review",), *rows[:10], ("",), *rows[10:]])
