"""Progress artifacts on a real Prefect server."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import requests

CASES = [
    (1068, "ends", 100, "1,068 of 1,068 loss 0.3210"),
    (534, "ends", 100, "stopped early after 534 of 1,068 loss 0.3210"),
    (534, "fails", 50, "failed after 534 of 1,068 loss 0.3210"),
    (1068, "takes long", 100, "1,068 of 1,068 loss 0.3210"),
]
SCRIPT = """
import contextlib, sys, threading
from prefect import flow
from flows import artifacts
from flows.artifacts import DashboardReporter
from pipeline import progress

@flow
def train(steps, ending):
    progress.set_reporter(DashboardReporter(progress.LogReporter()))
    what = f"batches {steps} {ending}"
    if ending == "takes long":
        artifacts.UPDATE_SECONDS = 0.0
    with contextlib.suppress(RuntimeError), progress.track(what, 1068) as task:
        for part in (100, steps - 100):
            step = threading.Thread(target=task.advance, args=(part, "loss 0.3210"))
            step.start()
            step.join()
        if ending == "fails":
            raise RuntimeError

for case in sys.argv[1:]:
    steps, ending = case.split(" ", 1)
    train(int(steps), ending)
"""


@pytest.fixture(scope="module")
def finished(prefect_server: str) -> str:
    """Address of a server that has seen the loops of all cases."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *(f"{steps} {ending}" for steps, ending, *_ in CASES)],
        env=os.environ | {"PREFECT_API_URL": prefect_server},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    return prefect_server


@pytest.mark.parametrize(("steps", "ending", "share", "words"), CASES)
def test_progress_of_a_loop_is_finished(
    finished: str, steps: int, ending: str, share: int, words: str
) -> None:
    assert progress_of(finished, f"batches {steps} {ending}") == (share, words)


def progress_of(server: str, what: str) -> tuple[Any, str]:
    """Progress in percent and description of the artifact of a loop."""
    query = {"artifacts": {"key": {"any_": [what.replace(" ", "-")]}}}
    answer = requests.post(f"{server}/artifacts/filter", json=query, timeout=60)
    (artifact,) = answer.json()
    assert artifact["flow_run_id"] is not None
    return artifact["data"], artifact["description"]
