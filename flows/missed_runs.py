"""Runs that were missed or lost: of several that are due one is enough, and none runs for ever."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed

from pipeline.storage.lock import holder
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.schedule")

AT_WORK = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


def collapse(deployment: str | UUID, *, keep: int = 0) -> int:
    """Cancel the runs of a deployment that are due, but for the newest ``keep``; how many.

    Called by a run when it begins, which does the work of all that are due by then.
    """
    with get_client(sync_client=True) as client:
        due = _runs(client, deployment, [StateType.SCHEDULED], before=datetime.now(UTC))
        superfluous = due[keep:]
        for run in superfluous:
            message = "missed; one run does the work of all that were due"
            client.set_flow_run_state(run.id, Cancelled(message=message), force=True)
    if superfluous:
        logger.info("%d missed runs were left out", len(superfluous))
    return len(superfluous)


def crash_lost(deployment: str | UUID, workspace: Workspace) -> int:
    """Mark the runs whose process is gone as crashed; returns how many there were.

    A run at work holds the workspace's lock. Called before any run of this process begins.
    """
    owner = (holder(workspace) or {}).get("owner")
    with get_client(sync_client=True) as client:
        lost = [run for run in _runs(client, deployment, AT_WORK) if str(run.id) != owner]
        for run in lost:
            message = "its process was killed; the next run goes on from what it has done"
            for one in (*_children(client, run), run):
                client.set_flow_run_state(one.id, Crashed(message=message), force=True)
    if lost:
        logger.info("%d runs were killed and are marked as crashed", len(lost))
    return len(lost)


def _runs(
    client: SyncPrefectClient,
    deployment: str | UUID,
    states: Sequence[StateType],
    before: datetime | None = None,
) -> list[FlowRun]:
    """The runs of a deployment in some states, those to begin last first."""
    return client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[UUID(str(deployment))])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=before) if before else None,
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )


def _children(client: SyncPrefectClient, run: FlowRun) -> list[FlowRun]:
    """The runs at work that a run has started, theirs first."""
    own = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run.id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK)),
        )
    )
    return [one for child in own for one in (*_children(client, child), child)]
