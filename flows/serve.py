"""Scheduled deployments, served by this process."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows import run_form, serve_lock
from flows.cancellations import cancel_on_request
from flows.deployments import send_digest, train_and_report, watch_source
from flows.ended_runs import log_ended
from flows.missed_runs import cancel_missed, given_before, mark_crashed, renew_waiting
from flows.prefect_env import TAG, answers
from pipeline.errors import RunError, SettingsError
from pipeline.redact import redact
from pipeline.settings import ScheduleSettings, Settings
from pipeline.settings.load import holds_secret
from pipeline.settings.secrets import VARIABLE
from pipeline.storage.workspace import Workspace

logger = logging.getLogger("pipeline.schedule")

RUNNER_POLL_SECONDS = 5.0
"""Interval at which the runner asks the Prefect server for runs that are due."""


def deployments(
    workspace: Workspace,
    schedule: ScheduleSettings,
    config: Path | None = None,
    overrides: Sequence[str] = (),
) -> list[tuple[Any, dict[str, Any]]]:
    """The deployments with their schedules; the schedule of ``send-digest`` may be inactive.

    Args:
        workspace: The workspace of all runs.
        schedule: Cron expressions and time zone.
        config: TOML file of settings for all runs, None for none.
        overrides: ``section.key=value`` for all runs.

    Returns:
        Each flow, with the arguments of :meth:`prefect.runner.Runner.add_flow`.

    Raises:
        SettingsError: A cron expression is invalid, or an override contains a secret.
    """
    for one in overrides:
        key = one.partition("=")[0].strip()
        if (holds_secret(key, one) and not VARIABLE.search(one)) or redact(one) != one:
            variable = "REVIEW_SENTIMENT_" + key.upper().replace(".", "__")
            raise SettingsError(
                f"--set {key} would expose a secret in the dashboard: "
                f"set the environment variable {variable} instead"
            )
    shared: dict[str, Any] = {
        "name": "scheduled",
        "parameters": run_form.parameters(workspace, config, overrides),
        "concurrency_limit": ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE
        ),
        "tags": [TAG],
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    return [
        (
            flow,
            {
                **shared,
                "schedule": _cron(key, cron, schedule.timezone),
                "description": flow.description,
            },
        )
        for flow, key, cron in (
            (watch_source, "schedule.cron", schedule.cron),
            (train_and_report, "schedule.train_cron", schedule.train_cron),
            (send_digest, "schedule.digest_cron", schedule.digest_cron),
        )
    ]


def serve(
    workspace: Workspace, settings: Settings, config: Path | None, overrides: Sequence[str]
) -> None:
    """Run the deployments on schedule, one run at a time, until the process is stopped.

    The runner gets the flow objects: it would look for an entrypoint first in the working folder,
    which may contain packages with the same names. Nothing is printed on stdout, where Prefect
    would show tracebacks if its server is unavailable.

    Raises:
        RunError: The Prefect server was unavailable for too long.
        WorkspaceError: Another process serves the workspace.
    """
    with serve_lock.hold(workspace):
        _serve(workspace, settings, config, overrides)


def _serve(
    workspace: Workspace, settings: Settings, config: Path | None, overrides: Sequence[str]
) -> None:
    run_form.pass_on(workspace, config, overrides)
    runner = _Runner(
        name="review-sentiment",
        query_seconds=RUNNER_POLL_SECONDS,
        pause_on_shutdown=False,
        limit=1,
    )
    names: dict[UUID, str] = {}
    for flow, options in deployments(workspace, settings.schedule, config, overrides):
        before = given_before(f"{flow.name}/{options['name']}")
        known: Any = runner.add_flow(flow, **options)
        mark_crashed(known, workspace)
        cancel_missed(known, keep=1)
        renew_waiting(known, before, options["parameters"])
        names[known] = flow.name
    logger.info(
        "serving: watch: %s, train: %s, digest: %s (cron, %s)",
        settings.schedule.cron, settings.schedule.train_cron,
        settings.schedule.digest_cron or "off", settings.schedule.timezone,
    )  # fmt: skip
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            asyncio.run(_run(runner, names))
    except ExceptionGroup as error:
        api = os.environ["PREFECT_API_URL"]
        if answers(api):
            raise
        raise RunError(
            f"the Prefect server at {redact(api)} no longer responds: start it again, then "
            "`review-sentiment serve`"
        ) from error


class _Runner(Runner):
    def handle_sigterm(self, *_: Any, **__: Any) -> None:
        """End; Prefect's own handler does the same, but warns of a coroutine it does not await."""
        sys.exit(0)


async def _run(runner: Runner, names: Mapping[UUID, str]) -> None:
    unfinished = "coroutine 'Runner._handle_cancellation_observer_failure' was never awaited"
    warnings.filterwarnings("ignore", unfinished, RuntimeWarning)  # it fails when the runner ends
    meanwhile = [
        asyncio.create_task(cancel_on_request(runner, names.keys(), RUNNER_POLL_SECONDS)),
        asyncio.create_task(log_ended(names, RUNNER_POLL_SECONDS)),
    ]
    try:
        await runner.start()
    finally:
        for task in meanwhile:
            task.cancel()


def _cron(key: str, cron: str, timezone: str) -> Any:
    """The schedule; without a digest, an inactive one that replaces that of an earlier process."""
    from prefect.client.schemas.schedules import CronSchedule

    if not cron and key == "schedule.digest_cron":
        return Cron(ScheduleSettings().digest_cron, timezone, active=False)
    try:
        CronSchedule(cron=cron, timezone=timezone)
    except ValueError as error:
        raise SettingsError(
            f"{key} {cron!r} is not a valid cron expression; write minute, hour, day, month and "
            'weekday, such as "0 4 * * *"'
        ) from error
    return Cron(cron, timezone=timezone)
