"""Overdue runs on a real Prefect server, without a runner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.missed_runs import cancel_missed, runs_in
from tests.flows.schedule import NEVER, Schedule

ALL = list(StateType)


@pytest.fixture
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    with (
        temporary_settings({PREFECT_API_URL: prefect_server}),
        get_client(sync_client=True) as connected,
    ):
        yield connected


@pytest.fixture
def deployment(client: SyncPrefectClient) -> Iterator[UUID]:
    """A deployment that nobody serves."""
    made = client.create_deployment(
        client.create_flow_from_name("nobody-serves-this"),
        "scheduled",
        schedules=[DeploymentScheduleCreate(schedule=CronSchedule(cron=NEVER))],
        parameters={"workspace": "old", "config": "", "overrides": ["train.epochs=3"]},
    )
    yield made
    client.delete_deployment(made)


def states(client: SyncPrefectClient, runs: list[FlowRun]) -> list[StateType | None]:
    return [client.read_flow_run(one.id).state_type for one in runs]


def test_only_runs_of_the_schedule_are_merged(
    client: SyncPrefectClient, deployment: UUID, prefect_server: str, tmp_path: Path
) -> None:
    Schedule(prefect_server, tmp_path).miss("nobody-serves-this", 3)
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
