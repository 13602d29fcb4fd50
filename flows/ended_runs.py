"""One line in the log of ``serve`` for each run that ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import NoReturn
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from pipeline.redact import printable, redact

logger = logging.getLogger("pipeline.schedule")

MOST = 50
"""Maximum number of runs that one poll reads, those that ended last."""
MOST_CHARACTERS = 300
INTRODUCTION = "Flow run encountered an exception: "
"""What Prefect writes before an error."""


async def log_ended(deployments: Mapping[UUID, str], seconds: float) -> NoReturn:
    """Poll the server, and log each run that has ended; runs until this task is cancelled.

    Args:
        deployments: Names by id.
        seconds: Interval between two polls.
    """
    known: set[UUID] = set()
    is_first = True
    while True:
        with contextlib.suppress(httpx.HTTPError):  # the watch for cancellations tells of it
            ended = await asyncio.to_thread(_ended, deployments)
            for run in ended:
                if run.id not in known and not is_first:
                    _log(run, deployments)
            known.update(run.id for run in ended)
            is_first = False
        await asyncio.sleep(seconds)


def _ended(deployments: Mapping[UUID, str]) -> list[FlowRun]:
    """The last runs that have ended, in this order."""
    states = FlowRunFilterStateType(any_=list(TERMINAL_STATES))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=list(deployments))),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=states)),
            sort=FlowRunSort.END_TIME_DESC,
            limit=MOST,
        )
    return runs[::-1]


def _log(run: FlowRun, deployments: Mapping[UUID, str]) -> None:
    """Log the name, the state and the duration of a run; of one that failed also the error."""
    name = deployments.get(run.deployment_id, run.name) if run.deployment_id else run.name
    ran = run.total_run_time  # zero for a run that did not start
    duration = f" after {ran.total_seconds():,.0f} s" if ran else ""
    line = f"{name}: {(run.state_name or 'ended').lower()}{duration}"
    if run.state_type == StateType.COMPLETED:
        logger.info("%s", line)
        return
    message = (run.state.message if run.state else "") or "no message"
    first = redact(message.removeprefix(INTRODUCTION).splitlines()[0])
    logger.warning("%s: %s", line, printable(first[:MOST_CHARACTERS]))
