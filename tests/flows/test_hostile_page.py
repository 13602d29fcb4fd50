"""A page of another site neither reads nor writes on our Prefect servers, in real Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.commands import serve_prefect, start
from tests.flows.hostile import attack, state_of
from tests.flows.own import changes
from tests.flows.slow import settings_of, slow_site
from tests.processes import environment_of, listening_port, wait_until


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
