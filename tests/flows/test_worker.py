"""The deployments of ``prefect.yaml`` on a worker of a process pool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import serve_prefect
from tests.flows.own import FEW, LEAST, rated, variables, write_own
from tests.flows.schedule import ENDED, Schedule
from tests.processes import ROOT, running


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prefect server without other deployments."""
    with serve_prefect(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.mark.long
def test_worker_runs_the_deployments(server: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "prefect.yaml", tmp_path)
    write_own(tmp_path, rated(FEW))
    env = os.environ | {
        **variables(*LEAST),
        "PREFECT_API_URL": server,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "DO_NOT_TRACK": "1",
    }

    def prefect(*arguments: str) -> None:
        with running(
            *(sys.executable, "-m", "prefect", "--no-prompt", *arguments),
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process:
            said, _ = process.communicate()
        assert process.returncode == 0, said

    prefect("work-pool", "create", "--type", "process", "review-sentiment")
    prefect("deploy", "--all")
    schedule = Schedule(server, tmp_path)

    def ended(run: dict[str, Any], state: str) -> bool:
        """Let a worker do a run; whether it ends in a state."""
        deadline = time.monotonic() + 600
        while not schedule.is_in(run, *ENDED):
            assert time.monotonic() < deadline
            prefect("worker", "start", "--pool", "review-sentiment", "--limit", "1", "--run-once")
        return schedule.is_in(run, state)

    assert ended(schedule.start("train-and-report", "source.path=gone.csv"), "FAILED")
    done = ended(schedule.start("train-and-report"), "COMPLETED")
    assert done, schedule.ask("logs/filter")
    (report,) = (tmp_path / "data" / "workspace" / "report").glob("*/report.html")
    assert report.stat().st_mode & 0o077 == 0
    deployments = schedule.ask("deployments/filter")
    assert {one["concurrency_options"]["collision_strategy"] for one in deployments} == {"ENQUEUE"}
    assert {one["global_concurrency_limit"]["limit"] for one in deployments} == {1}
