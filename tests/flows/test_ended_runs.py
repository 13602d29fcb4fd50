"""The lines about ended runs, with runs of a real Prefect server."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.states import Cancelled, Completed, Failed, Running

from flows.ended_runs import log_ended

ERROR = "Flow run encountered an exception: SourceError: no such file: own.csv\nTraceback"


def test_each_run_that_ends_is_one_line(
    client: SyncPrefectClient, deployment: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline.schedule")

    def run(*states: Any) -> None:
        made = client.create_flow_run_from_deployment(deployment)
        for one in states:
            client.set_flow_run_state(made.id, one, force=True)

    def lines() -> list[str]:
        said = [one.getMessage() for one in caplog.records if one.name == "pipeline.schedule"]
        return [re.sub(r"after \d+ s", "after 0 s", one) for one in said]

    async def watched() -> None:
        task = asyncio.create_task(log_ended({deployment: "watch-source"}, 0.05))

        async def until(what: Callable[[], bool]) -> None:
            while not what():
                assert not task.done()
                await asyncio.sleep(0.01)

        while not lines():  # the first poll may come after some of these
            await asyncio.to_thread(run, Cancelled(message="missed; a later run covers it"))
        seen = len(lines())
        await asyncio.to_thread(run, Running(), Failed(message=ERROR))
        await until(lambda: any("failed" in one for one in lines()[seen:]))
        await asyncio.to_thread(run, Running(), Completed())
        await until(lambda: any("completed" in one for one in lines()))
        task.cancel()

    run(Running(), Failed(message="before"))
    asyncio.run(asyncio.wait_for(watched(), timeout=300))
    first, *_, failed, completed = lines()
    assert first == "watch-source: cancelled: missed; a later run covers it"
    assert failed == "watch-source: failed after 0 s: SourceError: no such file: own.csv"
    assert completed == "watch-source: completed after 0 s"
    assert not any("before" in one for one in lines())
