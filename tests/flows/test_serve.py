"""Scheduled runs against a real Prefect server."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from pipeline.model.registry import Registry
from pipeline.settings import ScheduleSettings
from pipeline.storage.workspace import Workspace
from tests.commands import serve_prefect, start
from tests.docs import PAGES
from tests.flows.own import FEW, options, rated, write_own
from tests.flows.schedule import BY_HAND, ENDED, EVERY_MINUTE, NEVER, Schedule
from tests.processes import ROOT

INTERRUPTED = "error: interrupted; run the same command again, finished stages are kept\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server without other deployments."""
    with serve_prefect(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.mark.long(minutes=4)  # waits for whole minutes
def test_killed_run_is_resumed_by_the_next(server: str, tmp_path: Path) -> None:
    write_own(tmp_path, rated(FEW))
    workspace = Workspace(tmp_path / "data" / "workspace")
    schedule = Schedule(server, tmp_path)
    each_minute = (f"schedule.train_cron={EVERY_MINUTE}", f"schedule.cron={NEVER}")
    with schedule.served(*each_minute):
        schedule.wait_for(lambda: len(schedule.runs("COMPLETED")) >= 1)
        shutil.rmtree(workspace.root / "model")  # so that the second has work to do
        schedule.wait_for(lambda: (workspace.root / "model").is_dir())
    assert len(schedule.runs("RUNNING")) == 1
    rows = stored(workspace)
    with schedule.served(*each_minute):
        schedule.wait_for(lambda: len(schedule.runs("COMPLETED")) >= 2)
    assert len(schedule.runs("CRASHED")) == 1
    assert not schedule.runs("FAILED")
    assert len(Registry(workspace).versions()) == 1
    assert stored(workspace) == rows > 0
    for stage in ("crawl", "examples", "tokens", "model"):
        assert len(list((workspace.root / stage).glob("*/manifest.json"))) == 1, stage
    for run in schedule.runs(*ENDED):
        assert "review-sentiment" in run["tags"]
    kinds = {one["key"] for one in schedule.ask("artifacts/filter")}
    assert {"crawl", "evaluation", "train-batches"} <= kinds


def stored(workspace: Workspace) -> int:
    """Number of reviews in the store."""
    with contextlib.closing(sqlite3.connect(workspace.store_path)) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM reviews").fetchone()
        return int(rows)


def test_prefect_yaml_matches_the_served_deployments() -> None:
    known = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    schedule = ScheduleSettings()
    assert {one["entrypoint"]: one["schedules"] for one in known} == {
        f"flows.deployments.{flow}": [{"cron": cron, "timezone": schedule.timezone}]
        for flow, cron in (
            ("watch_source", schedule.cron),
            ("train_and_report", schedule.train_cron),
            ("send_digest", schedule.digest_cron),
        )
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_of_the_docs_is_valid(tmp_path: Path) -> None:
    (unit,) = (block for page in PAGES for block in page.blocks_in("ini"))
    (tmp_path / "review-sentiment.service").write_text(unit, encoding="utf-8")
    verified = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "review-sentiment.service"],
        capture_output=True,
        text=True,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.long
def test_the_log_names_ended_runs_and_a_signal_ends_without_a_warning(
    server: str, tmp_path: Path
) -> None:
    write_own(tmp_path, rated(10))
    schedule = Schedule(server, tmp_path)
    with start(server, tmp_path, "serve", *options(*BY_HAND)) as process:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        assert any("serving:" in line for line in said)
        schedule.start("send-digest")
        assert any(re.search(r" send-digest: completed after \d+ s$", line) for line in said)
        schedule.start("watch-source", "source.path=gone.csv")
        failed = r" watch-source: failed after \d+ s: .*source\.path cannot be changed"
        assert any(re.search(failed, line) for line in said)
        process.send_signal(signal.SIGTERM)
        ended = process.wait(timeout=300), process.stderr.read()
    late = 128 + signal.SIGTERM, INTERRUPTED  # it took more than a second
    assert ended in ((0, ""), late)
