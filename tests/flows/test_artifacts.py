"""Progress artifacts on a real Prefect server."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
import requests

SCRIPT = """
import contextlib, sys
from prefect import flow
from flows.artifacts import DashboardReporter
from pipeline import progress

what, steps, fails = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "fails"

@flow
def train():
    progress.set_reporter(DashboardReporter(progress.LogReporter()))
    with contextlib.suppress(RuntimeError), progress.track(what, 1068) as task:
        task.advance(steps, note="loss 0.3210")
        if fails:
            raise RuntimeError

train()
"""


@pytest.mark.parametrize(
    ("steps", "ending", "share", "words"),
    [
        (1068, "ends", 100, "1,068 of 1,068 loss 0.3210"),
        (534, "ends", 100, "stopped early after 534 of 1,068 loss 0.3210"),
        (534, "fails", 50, "failed after 534 of 1,068 loss 0.3210"),
    ],
)
def test_progress_of_a_loop_is_finished(
    prefect_server: str, steps: int, ending: str, share: int, words: str
) -> None:
    what = f"batches {steps} {ending}"
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, what, str(steps), ending],
        env=os.environ | {"PREFECT_API_URL": prefect_server},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert progress_of(prefect_server, what) == (share, words)


def progress_of(server: str, what: str) -> tuple[Any, str]:
    """Progress in percent and description of the artifact of a loop."""
    query = {"artifacts": {"key": {"any_": [what.replace(" ", "-")]}}}
    answer = requests.post(f"{server}/artifacts/filter", json=query, timeout=60)
    (artifact,) = answer.json()
    return artifact["data"], artifact["description"]
