"""Runs of a real Prefect runner whose process is killed, and what a real receiver is told."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from pipeline.storage import lock
from pipeline.storage.workspace import Workspace
from tests.flows.hook import receiver
from tests.flows.own import FEW, rated, write_own
from tests.flows.schedule import BY_HAND, Schedule


@pytest.mark.long
def test_a_killed_run_tells_and_so_does_one_that_is_killed_with_its_runner(
    prefect_server: str, tmp_path: Path
) -> None:
    write_own(tmp_path, rated(FEW))
    schedule = Schedule(prefect_server, tmp_path)
    workspace = Workspace(tmp_path / "data" / "workspace")
    received: list[dict[str, Any]] = []

    def process_of(run: dict[str, Any]) -> int:
        holder = lock.holder(workspace) or {}
        return int(holder["process"]) if holder.get("owner") == run["id"] else 0

    with receiver(received) as url:
        served = (*BY_HAND, "train.epochs=1000"), {"REVIEW_SENTIMENT_NOTIFY__URL": url}
        with schedule.served(*served[0], **served[1]):
            first = schedule.start("train-and-report")
            schedule.wait_for(lambda: process_of(first) > 0)
            os.kill(process_of(first), signal.SIGKILL)
            schedule.wait_for(lambda: len(received) == 1)
            assert schedule.is_in(first, "CRASHED")

            schedule.start("send-digest")
            schedule.wait_for(lambda: len(received) == 2)

            watched = schedule.start("watch-source")
            schedule.wait_for(lambda: schedule.is_in(watched, "COMPLETED"))
            write_own(tmp_path, [*rated(FEW), ("고장이 나서 환불을 받았습니다", 1)])
            schedule.start("watch-source")
            schedule.wait_for(lambda: len(received) == 3)

            second = schedule.start("train-and-report")
            schedule.wait_for(lambda: process_of(second) > 0)
        with schedule.served(*served[0], **served[1]):
            schedule.wait_for(lambda: len(received) == 4)
            assert schedule.is_in(second, "CRASHED")
    crash, digest, words, left_over = received
    assert (crash["event"], crash["flow_run"]) == ("failure", first["id"])
    assert "train and report: Crashed: " in crash["text"]
    assert digest["event"] == "digest"
    assert "review-sentiment run" in digest["text"]
    assert words["event"] == "words"
    assert {one["word"] for one in words["matches"]} == {"환불"}
    assert left_over["flow_run"] == second["id"]
    assert "Crashed: the process was killed; the next run resumes" in left_over["text"]
    (deployment,) = schedule.ask("deployments/filter", flows={"name": {"any_": ["send-digest"]}})
    assert [one["active"] for one in deployment["schedules"]] == [False]
