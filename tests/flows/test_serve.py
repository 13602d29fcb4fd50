"""Scheduled runs against a real Prefect server."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests
import yaml

from pipeline.registry import Registry
from pipeline.settings import ScheduleSettings
from pipeline.workspace import Workspace
from tests.commands import serve_prefect, start
from tests.flows.own import options, rated, write_own
from tests.readme import BLOCKS

EVERY_MINUTE = "* * * * *"
NEVER = "0 0 29 2 *"
DONE = ["COMPLETED", "FAILED", "CRASHED", "CANCELLED"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of its own, where nothing else is due."""
    with serve_prefect(tmp_path_factory.mktemp("server")) as url:
        yield url


def ask(server: str, what: str, **body: Any) -> Any:
    answer = requests.post(f"{server}/{what}", json=body, timeout=30)
    while answer.status_code == 503:  # its SQLite is busy
        time.sleep(0.5)
        answer = requests.post(f"{server}/{what}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def runs(server: str, *states: str) -> list[dict[str, Any]]:
    """The runs of deployments in some states, the oldest first."""
    found: list[dict[str, Any]] = ask(
        server,
        "flow_runs/filter",
        sort="EXPECTED_START_TIME_ASC",
        flow_runs={
            "state": {"type": {"any_": list(states)}},
            "deployment_id": {"is_null_": False},
        },
    )
    return [run for run in found if run["deployment_id"]]


def wait_for(what: Callable[[], bool], seconds: float = 400) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.5)


@contextlib.contextmanager
def serving(
    server: str, folder: Path, *settings: str, **env: str
) -> Iterator[subprocess.Popen[Any]]:
    """``serve`` in a group of its own, with what it starts."""
    changes = [part for one in settings for part in ("--set", one)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows", "serve", *options(), *changes],
            cwd=folder,
            env=os.environ | {"PREFECT_API_URL": server, **env},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_killed_run_is_taken_over_by_the_next(server: str, tmp_path: Path) -> None:
    write_own(tmp_path, rated())
    workspace = Workspace(tmp_path / "data" / "workspace")
    schedule = (f"schedule.train_cron={EVERY_MINUTE}", f"schedule.cron={NEVER}")
    with serving(server, tmp_path, *schedule):
        wait_for(lambda: len(runs(server, "COMPLETED")) >= 2)
        shutil.rmtree(workspace.root / "model")  # so that the third has work to do
        wait_for(lambda: (workspace.root / "model").is_dir())
        assert runs(server, "RUNNING")
    assert len(runs(server, "RUNNING")) == 1
    with serving(server, tmp_path, *schedule):
        wait_for(lambda: len(runs(server, "COMPLETED")) >= 3)
    assert len(runs(server, "CRASHED")) == 1
    assert not runs(server, "FAILED")
    assert len(Registry(workspace).versions()) == 1
    for stage in ("crawl", "examples", "tokens", "model"):
        assert len(list((workspace.root / stage).glob("*/manifest.json"))) == 1, stage
    for run in runs(server, *DONE):
        assert "review-sentiment" in run["tags"]
    kinds = {one["key"] for one in ask(server, "artifacts/filter")}
    assert {"crawl", "evaluation", "train-batches"} <= kinds


def test_missed_runs_collapse_and_a_watch_labels_what_is_new(server: str, tmp_path: Path) -> None:
    write_own(tmp_path, rated())
    for step in ("crawl", "train"):
        with start(server, tmp_path, step, *options()) as process:
            process.communicate()
    schedule = (f"schedule.train_cron={NEVER}", f"schedule.cron={NEVER}")
    with serving(server, tmp_path, *schedule):
        wait_for(lambda: "serving:" in (tmp_path / "serve.log").read_text(encoding="utf-8"))
    (deployment,) = ask(server, "deployments/filter", flows={"name": {"any_": ["watch-source"]}})
    for minutes in (3, 2, 1):
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60 * minutes))
        ask(
            server,
            f"deployments/{deployment['id']}/create_flow_run",
            state={"type": "SCHEDULED", "state_details": {"scheduled_time": due}},
        )
    before = len(runs(server, "CANCELLED")), len(runs(server, "COMPLETED"))
    with serving(server, tmp_path, *schedule):
        wait_for(lambda: len(runs(server, "COMPLETED")) == before[1] + 1)
    assert len(runs(server, "CANCELLED")) == before[0] + 2
    (table,) = (tmp_path / "data" / "workspace" / "sentiment").glob("*/sentiment.parquet")
    assert pq.read_table(table)["label"].null_count == 0


def test_a_cancelled_run_ends_and_a_failed_one_is_told(server: str, tmp_path: Path) -> None:
    write_own(tmp_path, rated())
    schedule = (f"schedule.train_cron={NEVER}", f"schedule.cron={NEVER}")
    told: list[dict[str, Any]] = []
    with (
        receiver(told) as url,
        serving(server, tmp_path, *schedule, REVIEW_SENTIMENT_NOTIFY__URL=url),
    ):
        wait_for(lambda: "serving:" in (tmp_path / "serve.log").read_text(encoding="utf-8"))
        (deployment,) = ask(
            server, "deployments/filter", flows={"name": {"any_": ["train-and-report"]}}
        )
        create = f"deployments/{deployment['id']}/create_flow_run"
        parameters = deployment["parameters"]
        overrides = [*parameters["overrides"], "train.epochs=200", "model.lstm_units=64"]
        run = ask(server, create, parameters=parameters | {"overrides": overrides})
        wait_for(lambda: bool(list((tmp_path / "data" / "workspace" / "model").glob("*"))))
        ask(server, f"flow_runs/{run['id']}/set_state", state={"type": "CANCELLING"})
        begun = time.monotonic()
        wait_for(lambda: run["id"] in {one["id"] for one in runs(server, "CANCELLED")}, 30)
        assert time.monotonic() - begun < 20
        assert list((tmp_path / "data" / "workspace" / "tokens").glob("*/manifest.json"))
        run = ask(server, create, parameters=parameters | {"overrides": ["source.kind=file"]})
        wait_for(lambda: run["id"] in {one["id"] for one in runs(server, "FAILED")}, 60)
        wait_for(lambda: bool(told), 30)
    assert told[0]["event"] == "failure"
    assert "source.path" in told[0]["text"]
    everything = json.dumps(runs(server, *DONE)) + json.dumps(ask(server, "logs/filter"))
    assert url not in everything


@contextlib.contextmanager
def receiver(told: list[dict[str, Any]]) -> Iterator[str]:
    """A webhook; its address holds a secret, as those of chat services do."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook/s3cret"
        server.shutdown()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("", "start one with `review-sentiment dashboard`"),
        ("schedule.cron=daily", "schedule.cron 'daily' is no schedule"),
        ("schedule.timezone=Seoul", "'Seoul' is no time zone"),
        ("store.url=postgresql://me:s3cret@127.0.0.1/x", "REVIEW_SENTIMENT_STORE__URL"),
    ],
)
def test_what_cannot_be_served_is_said(
    server: str, tmp_path: Path, change: str, message: str
) -> None:
    changes = ("--set", change) if change else ()
    api = server if change else "http://127.0.0.1:9/api"
    with start(api, tmp_path, "serve", *changes) as process:
        _, err = process.communicate(timeout=100)
    assert process.returncode == 2
    assert message in err.partition("error: ")[2]
    assert "s3cret" not in err
    assert not (tmp_path / "data" / "workspace" / "crawl").exists()


def test_the_deployments_of_a_worker_are_those_that_are_served() -> None:
    known = yaml.safe_load(Path("prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    schedule = ScheduleSettings()
    assert {one["entrypoint"]: one["schedules"] for one in known} == {
        f"flows/scheduled.py:{flow}": [{"cron": cron, "timezone": schedule.timezone}]
        for flow, cron in (
            ("watch_source", schedule.cron),
            ("train_and_report", schedule.train_cron),
        )
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_of_the_readme_is_valid(tmp_path: Path) -> None:
    (unit,) = (block for language, block in BLOCKS if language == "ini")
    (tmp_path / "review-sentiment.service").write_text(unit, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "review-sentiment.service"],
        capture_output=True,
        text=True,
    )
    assert (verified.returncode, verified.stderr) == (0, "")
