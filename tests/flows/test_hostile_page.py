"""A page of another site neither reads nor writes on our Prefect servers, in real Chromium."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from tests.commands import serve_prefect, start
from tests.flows.dashboard import dashboard
from tests.flows.hostile import SCRIPT, other_site
from tests.flows.own import changes, rated, write_own
from tests.flows.schedule import NEVER, Schedule
from tests.flows.slow import settings_of, slow_site
from tests.processes import environment_of, listening_port, wait_until

CHROMIUM = shutil.which("chromium")
SITE = "evil.example"
PAGES = ("127.0.0.1", "localhost", SITE)
"""Host names of the page: of the same site as the server (another port), and of other sites."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium that finds the other site on this machine, as after DNS rebinding."""
    rebound = f"--host-resolver-rules=MAP {SITE} 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", rebound]
        )
        yield started
        started.close()


def attack(browser: Browser, api: str) -> dict[str, list[str]]:
    """What pages of other origins, and of a rebound name, can read of an API."""
    reached: dict[str, list[str]] = {"answers": [], "sockets": []}
    with other_site() as port:
        for name in PAGES:
            page = browser.new_page()
            page.goto(f"http://{name}:{port}/")
            for kind, found in page.evaluate(SCRIPT, api).items():
                reached[kind] += found
            page.close()
    rebound = api.replace("127.0.0.1", SITE)
    page = browser.new_page()
    answer = page.goto(f"{rebound}/health")
    if answer is not None and answer.ok:
        for kind, found in page.evaluate(SCRIPT, rebound).items():
            reached[kind] += found
    page.close()
    return reached


def state_of(api: str, login: str) -> dict[str, list[Any]]:
    """Flows, deployments and their runs on a server."""
    user, _, password = login.partition(":")
    state = {}
    for kind in ("flows", "deployments", "flow_runs"):
        answer = requests.post(f"{api}/{kind}/filter", json={}, auth=(user, password), timeout=120)
        answer.raise_for_status()
        state[kind] = sorted(one["name"] for one in answer.json())
    return state


@pytest.mark.long(minutes=1)
def test_the_page_would_break_into_an_unguarded_server(browser: Browser, tmp_path: Path) -> None:
    with serve_prefect(tmp_path) as api:
        reached = attack(browser, api)
        assert any("create_flow_run 201" in one for one in reached["answers"])
        assert "/events/in" in reached["sockets"]
        made = state_of(api, "")
    assert {"stolen", "blind"} <= set(made["flows"])
    assert made["deployments"]
    assert made["flow_runs"]


def test_neither_the_dashboard_nor_the_schedule_can_be_used(
    browser: Browser, tmp_path: Path
) -> None:
    write_own(tmp_path, rated()[:10])
    with dashboard(tmp_path) as shown:
        api = f"{shown.root}/api"
        schedule = Schedule(api, tmp_path, login=shown.login)
        with schedule.served(f"schedule.train_cron={NEVER}", f"schedule.cron={NEVER}"):
            before = state_of(api, shown.login)
            assert len(before["deployments"]) == 2
            assert attack(browser, api) == {"answers": [], "sockets": []}
            assert state_of(api, shown.login) == before


@pytest.mark.long(minutes=1)
def test_the_temporary_server_of_a_run_cannot_be_used(browser: Browser, tmp_path: Path) -> None:
    records = tmp_path / "data" / "workspace" / "prefect" / "servers"
    with (
        slow_site() as site,
        start("", tmp_path, "crawl", *changes(*settings_of(site))) as process,
    ):
        wait_until(lambda: list(records.glob("[0-9]*.json")), process)
        (record,) = records.glob("[0-9]*.json")
        server, _ = json.loads(record.read_bytes())["server"]
        wait_until(lambda: listening_port(server), process)
        api = f"http://127.0.0.1:{listening_port(server)}/api"
        login = environment_of(server)["PREFECT_SERVER_API_AUTH_STRING"]
        wait_until(lambda: state_of(api, login)["flow_runs"], process)
        assert attack(browser, api) == {"answers": [], "sockets": []}
        assert not {"stolen", "blind", "form"} & set(state_of(api, login)["flows"])
        assert state_of(api, login)["deployments"] == []
        assert process.poll() is None
        process.terminate()
        _, err = process.communicate(timeout=120)
    assert login.partition(":")[2] not in err
