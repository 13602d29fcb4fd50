"""Cleans up missed runs and runs whose process was killed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
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
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed

from flows import serve_lock
from flows.notify import notify_failure
from flows.run_form import DEFAULTS, renewed
from pipeline.storage import lock
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.schedule")

ACTIVE_STATES = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]


def cancel_missed(deployment: str | UUID, *, keep: int = 0, by: str | UUID | None = None) -> int:
    """Cancel the overdue runs that the schedule made except the newest ``keep``.

    A run of the schedule calls this when it starts, because it also does the work of all overdue
    ones. A run that was started by hand may have parameters of its own: it is neither cancelled nor
    does it replace others.

    Args:
        deployment: Id of the deployment.
        keep: Number of runs that stay.
        by: Id of the run that does their work; None for a process that starts runs.

    Returns:
        Number of cancelled runs.
    """
    with get_client(sync_client=True) as client:
        if by and not client.read_flow_run(UUID(str(by))).auto_scheduled:
            return 0
        due = runs_in(client, deployment, [StateType.SCHEDULED], before=datetime.now(UTC))
        missed = [run for run in due if run.auto_scheduled][keep:]
        for run in missed:
            message = "missed; a later run covers it"
            client.set_flow_run_state(run.id, Cancelled(message=message), force=True)
    if missed:
        logger.info("cancelled %d missed runs", len(missed))
    return len(missed)


def given_before(name: str) -> dict[str, Any]:
    """The parameters of a deployment, ``flow/deployment``; the defaults if there is none yet."""
    with get_client(sync_client=True) as client:
        try:
            return DEFAULTS | client.read_deployment_by_name(name).parameters
        except ObjectNotFound:
            return DEFAULTS


def renew_waiting(
    deployment: str | UUID, before: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Give the runs that wait the present parameters of their deployment.

    Those of the schedule get them as they are; those that were started by hand keep their changes.

    Args:
        deployment: Id of the deployment.
        before: Its parameters before this process, see :func:`given_before`.
        now: Its parameters.
    """
    with get_client(sync_client=True) as client:
        for run in runs_in(client, deployment, [StateType.SCHEDULED]):
            given = dict(now) if run.auto_scheduled else renewed(run.parameters, before, now)
            if given != run.parameters:
                client.update_flow_run(run.id, parameters=given)


def mark_crashed(deployment: str | UUID, workspace: Workspace) -> int:
    """Mark the runs whose process was killed as crashed, and notify about each.

    These are the active runs that do not hold the workspace's lock. Call this while this process
    holds the lock of ``serve``, before it starts any run: a run that waits for the workspace's lock
    belongs to a process that serves it.

    Returns:
        Number of runs marked.
    """
    with get_client(sync_client=True) as client:
        active = runs_in(client, deployment, ACTIVE_STATES)
        killed = [run for run in active if not _is_alive(run, workspace)]
        for run in killed:
            message = "the process was killed; the next run resumes from its finished stages"
            state: Any = Crashed(message=message)
            for one in (*_children(client, run), run):
                client.set_flow_run_state(one.id, state, force=True)
            notify_failure(None, run, state)
    if killed:
        logger.info("marked %d killed runs as crashed", len(killed))
    return len(killed)


def _is_alive(run: FlowRun, workspace: Workspace) -> bool:
    """Whether a run holds the lock of its workspace, or another process serves that workspace."""
    place = Workspace(str(run.parameters.get("workspace") or workspace.root))
    if place.root != workspace.root and serve_lock.is_held(place):
        return True
    return (lock.holder(place) or {}).get("owner") == str(run.id)


def runs_in(
    client: SyncPrefectClient,
    deployment: str | UUID,
    states: Sequence[StateType],
    before: datetime | None = None,
) -> list[FlowRun]:
    """The runs of a deployment in the given states, latest scheduled first."""
    return client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[UUID(str(deployment))])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=before) if before else None,
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )


def _children(client: SyncPrefectClient, run: FlowRun) -> list[FlowRun]:
    """The active descendants of a run, each after its own descendants."""
    children = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[run.id]),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=ACTIVE_STATES)),
        )
    )
    return [one for child in children for one in (*_children(client, child), child)]
