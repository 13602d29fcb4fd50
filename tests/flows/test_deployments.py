"""Due, cancelled, failed and missed runs on a real Prefect server."""

from __future__ import annotations

import functools
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.hook import receiver
from tests.flows.schedule import BY_HAND, ENDED, Schedule
from tests.processes import free_port


@pytest.fixture(scope="module")
def schedule(
    prefect_server: str, quick_run: Path, tmp_path_factory: pytest.TempPathFactory
) -> Schedule:
    """A folder with a trained model."""
    folder = tmp_path_factory.mktemp("scheduled")
    shutil.copytree(quick_run, folder, dirs_exist_ok=True)
    return Schedule(prefect_server, folder)


@pytest.fixture
def workspace(schedule: Schedule) -> Workspace:
    return Workspace(schedule.folder / "data" / "workspace")


@pytest.mark.long
def test_cancelled_run_stops_and_failed_run_sends_a_notification(
    schedule: Schedule, workspace: Workspace
) -> None:
    received: list[dict[str, Any]] = []
    models = workspace.root / "model"
    begun, finished = (set(models.glob(name)) for name in ("*", "*/manifest.json"))
    allowed = 'schedule.allow_overrides=["train.epochs", "model.lstm_units"]'
    with (
        receiver(received) as url,
        schedule.served(*BY_HAND, allowed, REVIEW_SENTIMENT_NOTIFY__URL=url),
    ):
        run = schedule.start("train-and-report", "train.epochs=200", "model.lstm_units=64")
        schedule.wait_for(lambda: len(set(models.glob("*")) - begun) == 1)
        schedule.ask(f"flow_runs/{run['id']}/set_state", state={"type": "CANCELLING"})
        schedule.wait_for(lambda: schedule.is_in(run, *ENDED))
        assert schedule.is_in(run, "CANCELLED")
        assert set(models.glob("*/manifest.json")) == finished
        run = schedule.start("train-and-report", "source.path=gone.csv", "notify.url=http://a/")
        schedule.wait_for(lambda: schedule.is_in(run, "FAILED"))
        schedule.wait_for(lambda: bool(received))
    assert received[0]["event"] == "failure"
    assert "source.path cannot be changed in the dashboard" in received[0]["text"]
    everything = json.dumps(schedule.runs(*ENDED)) + json.dumps(schedule.ask("logs/filter"))
    assert url not in everything


@pytest.mark.long
def test_no_secret_is_written_anywhere(
    schedule: Schedule,
    workspace: Workspace,
    postgresql_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    received: list[dict[str, Any]] = []
    store = postgresql_url.replace("tester@", "tester:hush-store@")
    with receiver(received) as url:
        given = {"REVIEW_SENTIMENT_STORE__AUTHOR_KEY": "hush-author",
                 "REVIEW_SENTIMENT_NOTIFY__URL": url}  # fmt: skip
        for address, state in ((store, "COMPLETED"), (unreachable(store), "FAILED")):
            settings = given | {"REVIEW_SENTIMENT_STORE__URL": address}
            with schedule.served(*BY_HAND, **settings):
                run = schedule.start("train-and-report")
                schedule.wait_for(functools.partial(schedule.is_in, run, *ENDED))
                assert schedule.is_in(run, state)
            log = (schedule.folder / "serve.log").read_text(encoding="utf-8")
            assert "hush" not in log
            assert "s3cret" not in log
    (failure,) = (one for one in received if one["event"] == "failure")
    assert "Connection refused" in failure["text"]
    assert not any(word in json.dumps(received) for word in ("hush", "s3cret"))
    written = [workspace.root, *tmp_path_factory.getbasetemp().glob("prefect*")]
    files = [path for folder in written for path in folder.rglob("*") if path.is_file()]
    assert {"prefect.db", "report.html"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert not any(word in content for word in (b"hush", b"s3cret")), path


@pytest.mark.long
def test_missed_runs_are_cancelled_and_watch_predicts_new_reviews(
    schedule: Schedule, workspace: Workspace, command: Command
) -> None:
    with schedule.served(*BY_HAND, "tokenizer.jvm_heap_mb=300"):
        pass
    before = set(workspace.root.glob("sentiment/*/sentiment.parquet"))
    missed = schedule.miss("watch-source", 3)
    assert len(missed) == 3
    with schedule.served(*BY_HAND, "tokenizer.jvm_heap_mb=400"):
        schedule.wait_for(lambda: schedule.is_in(missed[-1], *ENDED))
        assert schedule.is_in(missed[-1], "COMPLETED")
        second = command("serve", "--workspace", workspace.root)
        assert second.status == 2
        assert "already serves the workspace" in second.error
    assert [schedule.is_in(run, "CANCELLED") for run in missed] == [True, True, False]
    (table,) = set(workspace.root.glob("sentiment/*/sentiment.parquet")) - before
    assert pq.read_table(table)["label"].null_count == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", "start one with `review-sentiment dashboard`"),
        ("schedule.cron=daily", "schedule.cron 'daily' is not a valid cron expression"),
        ("schedule.timezone=Seoul", "unknown time zone 'Seoul'"),
        ("store.url=postgresql://me:s3cret@127.0.0.1/x", "REVIEW_SENTIMENT_STORE__URL"),
    ],
)
def test_invalid_serve_options_are_errors(
    command: Command, tmp_path: Path, change: str, message: str
) -> None:
    env = {} if change else {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    answer = command("serve", *(("--set", change) if change else ()), **env)
    assert answer.status == 2
    assert message in answer.error
    assert "s3cret" not in answer.err
    assert not (tmp_path / "data" / "workspace" / "crawl").exists()


def unreachable(address: str) -> str:
    """The same URL with an unused port."""
    return re.sub(r"@([^:/]+)(:\d+)?/", rf"@\1:{free_port()}/", address)
