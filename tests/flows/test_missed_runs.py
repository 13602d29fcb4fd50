"""Overdue runs on a real Prefect server, without a runner."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Running

from flows import serve_lock
from flows.missed_runs import cancel_missed, given_before, mark_crashed, renew_waiting, runs_in
from pipeline.storage import lock
from pipeline.storage.workspace import Workspace
from tests.flows.schedule import Schedule
from tests.flows.unserved import GIVEN, NAME

NOW: dict[str, Any] = {
    "workspace": "new",
    "config": "own.toml",
    "overrides": ["tokenizer.jvm_heap_mb=300"],
}


def states(client: SyncPrefectClient, runs: list[FlowRun]) -> list[StateType | None]:
    return [client.read_flow_run(one.id).state_type for one in runs]


def test_only_runs_of_the_schedule_are_merged(
    client: SyncPrefectClient, deployment: UUID, prefect_server: str, tmp_path: Path
) -> None:
    Schedule(prefect_server, tmp_path).miss(NAME, 3)
    newest, *missed = runs_in(client, deployment, [StateType.SCHEDULED])[-3:]
    by_hand = [
        client.create_flow_run_from_deployment(deployment, parameters=given)
        for given in ({}, {"full": True}, {"overrides": ["train.epochs=1"]})
    ]
    assert cancel_missed(deployment, by=by_hand[0].id) == 0
    assert cancel_missed(deployment, keep=1) == 2
    assert states(client, missed) == [StateType.CANCELLED] * 2
    assert states(client, [newest, *by_hand]) == [StateType.SCHEDULED] * 4
    assert cancel_missed(deployment, by=missed[0].id) == 1
    assert states(client, by_hand) == [StateType.SCHEDULED] * 3


def test_waiting_runs_get_the_present_parameters(
    client: SyncPrefectClient, deployment: UUID, prefect_server: str, tmp_path: Path
) -> None:
    assert given_before(f"{NAME}/scheduled") == GIVEN
    assert given_before(f"{NAME}/other")["overrides"] == []
    Schedule(prefect_server, tmp_path).miss(NAME, 1)
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, NOW),
        ({"overrides": ["train.epochs=3"], "full": True}, NOW | {"full": True}),
        (
            {"overrides": ["train.epochs=3", "train.seed=4"]},
            NOW | {"overrides": [*NOW["overrides"], "train.seed=4"]},
        ),
        ({"workspace": "chosen"}, NOW | {"workspace": "chosen"}),
    ]
    by_hand = [
        client.create_flow_run_from_deployment(deployment, parameters=given) for given, _ in cases
    ]
    renew_waiting(deployment, GIVEN, NOW)
    for run, (_, expected) in zip(by_hand, cases, strict=True):
        assert client.read_flow_run(run.id).parameters == expected
    runs = runs_in(client, deployment, [StateType.SCHEDULED])
    of_schedule = [run for run in runs if run.auto_scheduled]
    assert of_schedule
    for run in of_schedule:
        assert (run.parameters, run.state_type) == (NOW, StateType.SCHEDULED)


def test_runs_of_another_workspace_are_killed_only_if_nobody_serves_it(
    client: SyncPrefectClient, deployment: UUID, workspace: Workspace, tmp_path: Path
) -> None:
    other = Workspace(tmp_path / "other")
    running: Any = Running()
    runs = [
        client.create_flow_run_from_deployment(
            deployment, parameters={"workspace": str(one.root)}, state=running
        )
        for one in (other, workspace, workspace)
    ]
    other.create()
    with serve_lock.hold(other), lock.hold(workspace, owner=str(runs[2].id)):
        assert mark_crashed(deployment, workspace) == 1
    assert states(client, runs) == [StateType.RUNNING, StateType.CRASHED, StateType.RUNNING]
    assert mark_crashed(deployment, workspace) == 2
