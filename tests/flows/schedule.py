"""``serve`` in a separate process, and the runs that its Prefect server knows."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.flows.own import LEAST
from tests.processes import running, wait_until

EVERY_MINUTE = "* * * * *"
NEVER = "0 0 29 2 *"
BY_HAND = (f"schedule.train_cron={NEVER}", f"schedule.cron={NEVER}", "schedule.digest_cron=")
"""Settings with which no run starts by itself."""
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
POLL_SECONDS = 1.0
PAST = ("2000-01-01T00:00:00Z", "2020-01-01T00:00:00Z")
"""Time of missed runs: even of a schedule that is due on the 29th of February."""


def backfill(ask: Callable[..., Any], deployment: str, count: int) -> None:
    """Let a server make overdue runs, as it does while nothing serves the schedule."""
    begin, end = PAST
    path = f"deployments/{deployment}/schedule"
    ask(path, start_time=begin, end_time=end, min_runs=count, max_runs=count)


@dataclass(frozen=True)
class Schedule:
    """The deployments of a server, served from a folder with the settings of a quick run.

    Attributes:
        server: Address of the Prefect API.
        folder: Where ``serve`` is started; its output goes to ``serve.log``.
        settings: Of all runs.
        command: What is started, ``serve`` being its first argument.
        login: ``user:password`` of the server; empty for none.
    """

    server: str
    folder: Path
    settings: tuple[str, ...] = LEAST
    command: tuple[str, ...] = (sys.executable, "-m", "flows")
    login: str = ""

    @contextlib.contextmanager
    def served(self, *settings: str, **env: str) -> Iterator[None]:
        """Serve while the block runs; then kill the process and its runs."""
        changes = [part for one in (*self.settings, *settings) for part in ("--set", one)]
        log = self.folder / "serve.log"
        with (
            log.open("wb") as output,
            running(
                *(*self.command, "serve", *changes),
                cwd=self.folder,
                env=os.environ | {"PREFECT_API_URL": self.server, **env},
                stdout=output,
                stderr=output,
            ) as process,
        ):
            wait_until(lambda: b"serving:" in log.read_bytes(), process)
            yield

    def wait_for(self, what: Callable[[], bool], seconds: float = 600) -> None:
        """Poll until a condition is true; the error contains the log and the states of the runs."""
        deadline = time.monotonic() + seconds
        while not what():
            if time.monotonic() > deadline:
                states = [(run["name"], run["state"]) for run in self.runs()]
                log = (self.folder / "serve.log").read_text(encoding="utf-8")
                raise AssertionError(f"not within {seconds} s\n{states}\n{log}")
            time.sleep(POLL_SECONDS)

    def ask(self, what: str, **body: Any) -> Any:
        """POST to the API and return its JSON response."""
        user, _, password = self.login.partition(":")
        post = functools.partial(
            requests.post, f"{self.server}/{what}", json=body, auth=(user, password), timeout=300
        )
        while (answer := post()).status_code == 503:  # its SQLite is busy
            time.sleep(POLL_SECONDS)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def runs(self, *states: str) -> list[dict[str, Any]]:
        """Runs of deployments, optionally in some states, oldest first."""
        chosen: dict[str, Any] = {"state": {"type": {"any_": states}}} if states else {}
        found: list[dict[str, Any]] = self.ask(
            "flow_runs/filter",
            sort="EXPECTED_START_TIME_ASC",
            flow_runs=chosen | {"deployment_id": {"is_null_": False}},
        )
        return [run for run in found if run["deployment_id"]]

    def is_in(self, run: dict[str, Any], *states: str) -> bool:
        """Whether a run is in one of these states."""
        return run["id"] in {one["id"] for one in self.runs(*states)}

    def miss(self, flow: str, count: int) -> list[dict[str, Any]]:
        """Let the schedule of a flow make overdue runs, oldest first."""
        (deployment,) = self.ask("deployments/filter", flows={"name": {"any_": [flow]}})
        backfill(self.ask, deployment["id"], count)
        runs = [run for run in self.runs("SCHEDULED") if run["deployment_id"] == deployment["id"]]
        return [run for run in runs if run["expected_start_time"] < PAST[1]]

    def start(self, flow: str, *overrides: str, seconds_ago: int = 0) -> dict[str, Any]:
        """Schedule a run of a flow's deployment that is due now or overdue."""
        (deployment,) = self.ask("deployments/filter", flows={"name": {"any_": [flow]}})
        parameters = deployment["parameters"]
        due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_ago))
        made: dict[str, Any] = self.ask(
            f"deployments/{deployment['id']}/create_flow_run",
            parameters=parameters | {"overrides": [*parameters.get("overrides", []), *overrides]},
            state={"type": "SCHEDULED", "state_details": {"scheduled_time": due}},
        )
        return made
