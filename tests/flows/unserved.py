"""A deployment of a Prefect server that no process serves: its runs change only by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.flows.schedule import NEVER

NAME = "nobody-serves-this"
"""Of the flow; its deployment is called ``scheduled``."""
GIVEN: dict[str, Any] = {"workspace": "old", "config": "", "overrides": ["train.epochs=3"]}
"""Parameters of the deployment."""


@contextlib.contextmanager
def connected(server: str) -> Iterator[SyncPrefectClient]:
    """A client; meanwhile this process uses the server."""
    with (
        temporary_settings({PREFECT_API_URL: server}),
        get_client(sync_client=True) as client,
    ):
        yield client


@contextlib.contextmanager
def unserved(client: SyncPrefectClient) -> Iterator[UUID]:
    """The id of the deployment, which is deleted at the end."""
    made = client.create_deployment(
        client.create_flow_from_name(NAME),
        "scheduled",
        schedules=[DeploymentScheduleCreate(schedule=CronSchedule(cron=NEVER))],
        parameters=GIVEN,
    )
    yield made
    client.delete_deployment(made)
