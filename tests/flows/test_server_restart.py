"""``serve`` while its Prefect server is away."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from tests.commands import serve_prefect, start
from tests.flows.own import options, rated, write_own
from tests.flows.schedule import BY_HAND, ENDED, Schedule
from tests.flows.slow import is_waiting, settings_of, slow_site
from tests.processes import free_port

OUTAGE_SECONDS = 45
"""Prefect's own observer of cancellations ends after some 20 s without a server."""


@pytest.mark.long(minutes=2)
def test_runs_are_cancelled_after_a_restart_of_the_server(tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    snapshots = tmp_path / "data" / "workspace" / "crawl"
    first = serve_prefect(home, port)
    first.__enter__()
    with slow_site() as site:
        schedule = Schedule(f"http://127.0.0.1:{port}/api", tmp_path, settings_of(site))
        with schedule.served(*BY_HAND):
            run = schedule.start("watch-source")
            schedule.wait_for(lambda: is_waiting(site))
            first.__exit__(None, None, None)
            time.sleep(OUTAGE_SECONDS)
            with serve_prefect(home, port):
                schedule.ask(f"flow_runs/{run['id']}/set_state", state={"type": "CANCELLING"})
                schedule.wait_for(lambda: schedule.is_in(run, *ENDED), seconds=120)
                assert schedule.is_in(run, "CANCELLED")
                assert not list(snapshots.glob("*/manifest.json"))
                after = schedule.start("watch-source")
                schedule.wait_for(lambda: schedule.is_in(after, "COMPLETED"))
    log = (tmp_path / "serve.log").read_text(encoding="utf-8")
    assert "the Prefect server does not respond" in log
    assert "the Prefect server responds again" in log


@pytest.mark.long(minutes=3)
def test_serve_ends_when_its_server_stays_away(tmp_path: Path) -> None:
    write_own(tmp_path, rated(10))
    with contextlib.ExitStack() as server:
        api = server.enter_context(serve_prefect(tmp_path / "home"))
        with start(api, tmp_path, "serve", *options(*BY_HAND)) as process:
            assert process.stderr is not None
            assert any("serving:" in line for line in process.stderr)
            schedule = Schedule(api, tmp_path)
            schedule.start("watch-source")
            assert any("watch-source: completed" in line for line in process.stderr)
            server.close()
            out, err = process.communicate()
    assert (process.returncode, out) == (1, ""), err
    lost, *last = err.splitlines()
    assert "the Prefect server does not respond: " in lost
    assert last == [
        f"error: the Prefect server at {api} no longer responds: start it again, then "
        "`review-sentiment serve`"
    ]
