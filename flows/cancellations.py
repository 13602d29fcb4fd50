"""Cancels runs on request, even after a restart of the Prefect server.

Prefect's own observer of cancellations stops for good if the server is unavailable for a few
seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.runner import Runner
from prefect.states import Cancelled

from flows.missed_runs import runs_in

logger = logging.getLogger("pipeline.schedule")


async def cancel_on_request(runner: Runner, deployments: Collection[UUID], seconds: float) -> None:
    """Poll the server, and cancel the runner's run if requested; runs until this task is cancelled.

    A run is cancelled only if two successive polls find the request, so that Prefect's own observer
    has one interval to do it first.

    Args:
        runner: Runs one flow at a time.
        deployments: Ids of the deployments that it serves.
        seconds: Interval between two polls.
    """
    before: set[UUID] = set()
    is_up = True
    while True:
        await asyncio.sleep(seconds)
        try:
            asked = await asyncio.to_thread(_asked, deployments)
            for run in asked & before:
                await runner.cancel_all()
                await asyncio.to_thread(_mark_cancelled, run)
        except httpx.HTTPError as error:
            if is_up:
                reason = str(error) or type(error).__name__
                logger.warning("the Prefect server does not respond: %s; trying again", reason)
            is_up = False
        else:
            if not is_up:
                logger.info("the Prefect server responds again")
            before, is_up = asked, True


def _asked(deployments: Collection[UUID]) -> set[UUID]:
    """Ids of the runs that are requested to be cancelled.

    Asks with a new client, because one that was connected before retries for a minute.
    """
    with get_client(sync_client=True) as client:
        return {
            run.id
            for deployment in deployments
            for run in runs_in(client, deployment, [StateType.CANCELLING])
        }


def _mark_cancelled(run: UUID) -> None:
    state: Any = Cancelled(message="cancelled on request")
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run, state, force=True)
    logger.info("cancelled run %s", run)
