"""The dashboard in a real browser, its login and its errors."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from pathlib import Path

import psycopg
import pytest
import requests
from playwright.sync_api import sync_playwright

from flows.prefect_env import link_to
from pipeline.runtime import start_of
from pipeline.storage.workspace import Workspace
from tests import prefect_database
from tests.commands import start
from tests.flows.conftest import CHROMIUM
from tests.flows.dashboard import dashboard
from tests.flows.own import WITHOUT_STARTER, changes
from tests.processes import free_port, running

PICTURES = os.environ.get("DASHBOARD_PICTURES")
"""Folder for screenshots; unset to take none."""
AUTH = "analyst:s3cret-word"


def run_again(folder: Path) -> str:
    """Repeat a run while the dashboard is up; returns the path of the report."""
    with start("", folder, "run", *changes(*WITHOUT_STARTER)) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "starting a temporary Prefect server" not in err
    return out.splitlines()[-1]


@pytest.mark.long(minutes=1)
@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_run_is_shown_with_its_verdict_and_report(quick_run: Path, tmp_path: Path) -> None:
    shutil.copytree(quick_run, tmp_path, dirs_exist_ok=True)
    with dashboard(tmp_path) as shown, sync_playwright() as playwright:
        report = Path(run_again(tmp_path))
        found = shown.ask("artifacts/filter", sort="CREATED_DESC")
        runs = shown.ask("flow_runs/filter")
        assert {one["parent_task_run_id"] is None: one["tags"] for one in runs} == {
            True: ["review-sentiment"],
            False: [],
        }
        tasks = shown.ask("task_runs/filter")
        assert not any(one["tags"] for one in tasks)
        of_flows = {"event": {"prefix": ["prefect.flow-run."]}}
        events = shown.ask("events/filter", filter=of_flows)
        kinds = {one["event"] for one in events["events"]}
        assert "prefect.flow-run.Completed" in kinds
        assert "prefect.flow-run.heartbeat" not in kinds
        (evaluation,) = (one for one in found if one["key"] == "evaluation")
        assert "Complaints (negative reviews): network" in evaluation["data"]
        assert "| Macro-F1 |" in evaluation["data"]
        (whole,) = (one for one in runs if one["parent_task_run_id"] is None)
        of_whole = {one["key"] for one in found if one["flow_run_id"] == whole["id"]}
        assert of_whole == {"crawl", "evaluation"}
        user, password = shown.auth
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900},
            http_credentials={"username": user, "password": password, "origin": shown.reports},
        )
        page = context.new_page()
        blocked: list[str] = []
        page.on("requestfailed", lambda request: blocked.append(str(request.failure)))
        page.goto(shown.root)
        page.locator("input").first.fill(shown.login)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url, timeout=120_000)
        for name, address, text in (
            ("runs", "/v2/runs", "review-sentiment file"),
            ("evaluation", f"/v2/artifacts/artifact/{evaluation['id']}", "Model 1 is the"),
        ):
            page.goto(shown.root + address)
            page.get_by_text(text).first.wait_for(timeout=120_000)
            if PICTURES:
                page.wait_for_timeout(1_000)
                page.screenshot(path=Path(PICTURES) / f"dashboard-{name}.png")
        link = page.get_by_role("link", name="Report").get_attribute("href")
        assert link == f"{shown.reports}/{report.parent.name}/report.html"
        answer = page.goto(link)
        assert answer is not None
        assert answer.body() == report.read_bytes()
        assert set(blocked) <= {"csp", "net::ERR_ABORTED"}  # no request left the machine
        chromium.close()


@pytest.mark.long
def test_dashboard_requires_the_login_that_is_set(tmp_path: Path, postgresql_url: str) -> None:
    settings = {
        "REVIEW_SENTIMENT_DASHBOARD__AUTH": AUTH,
        "REVIEW_SENTIMENT_DASHBOARD__DATABASE_URL": postgresql_url.replace(
            "postgresql:", "postgresql+asyncpg:"
        ),
    }
    with dashboard(tmp_path, AUTH, **settings) as shown:
        address = f"{shown.root}/api/flow_runs/count"
        assert requests.post(address, json={}, timeout=60).status_code == 401
        assert shown.ask("flow_runs/count") == 0
        with psycopg.connect(postgresql_url) as connection:
            assert connection.execute("SELECT count(*) FROM flow_run").fetchone() == (0,)
    assert not list(tmp_path.rglob("prefect.db"))
    assert not list(tmp_path.rglob("dashboard.login"))


def test_a_terminal_shows_the_login(tmp_path: Path) -> None:
    prefect_database.fill(tmp_path / "data" / "workspace" / "prefect")
    ports = (f"dashboard.port={free_port()}", f"dashboard.reports_port={free_port()}")
    changes = [part for one in ports for part in ("--set", one)]
    controller, terminal = os.openpty()
    with (
        os.fdopen(controller, "rb", buffering=0) as seen,
        running(
            *(sys.executable, "-m", "flows", "dashboard", *changes),
            cwd=tmp_path,
            env=os.environ | {"PREFECT_API_URL": "", "COLUMNS": "200"},
            stderr=terminal,
        ),
    ):
        os.close(terminal)
        text = ""
        while "login of the reports" not in text or not text.endswith("\n"):
            text += seen.read(1000).decode()
    login = (
        (tmp_path / "data" / "workspace" / "dashboard.login").read_text(encoding="ascii").strip()
    )
    user, _, password = login.partition(":")
    assert f"login of the dashboard: {login}" in text
    assert f"login of the reports: user {user}, password {password}" in text


def test_public_host_requires_auth(tmp_path: Path) -> None:
    refusal = refused(tmp_path, "dashboard.host=0.0.0.0")
    assert "REVIEW_SENTIMENT_DASHBOARD__AUTH" in refusal


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "dashboard.auth=가나:다라",
            "dashboard.auth is invalid: write it as user:password, in ASCII",
        ),
        ("dashboard.auth=s3cret", "dashboard.auth is invalid: write it as user:password"),
        ("dashboard.reports_port=4200", "port and reports_port are both 4200"),
        (
            "dashboard.database_url=mysql://me:s3cret@h/d",
            "dashboard.database_url is invalid: write it as",
        ),
        ('dashboard.names=["http://a/"]', "'http://a/' is not a host name"),
        ("dashboard.host=nowhere.invalid", "set dashboard.auth"),
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, setting: str, message: str) -> None:
    refusal = refused(tmp_path, setting)
    assert message in refusal
    assert "s3cret" not in refusal
    assert refusal.count("\n") == 1


def test_foreign_variable_of_prefect_is_checked(tmp_path: Path) -> None:
    refusal = refused(tmp_path, PREFECT_SERVER_API_AUTH_STRING="가나:다라")
    assert "PREFECT_SERVER_API_AUTH_STRING is not a valid login" in refusal


@pytest.mark.parametrize("name", ["port", "reports_port"])
def test_port_in_use_is_an_error(tmp_path: Path, name: str) -> None:
    ports = {"port": free_port(), "reports_port": free_port()}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports[name] = taken.getsockname()[1]
        refusal = refused(tmp_path, *(f"dashboard.{key}={port}" for key, port in ports.items()))
    assert f"change dashboard.{name}" in refusal
    assert "Address already in use" in refusal


def test_unreachable_database_is_named(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://me:s3cret@127.0.0.1:{free_port()}/reviews"
    ports = (f"dashboard.port={free_port()}", f"dashboard.reports_port={free_port()}")
    refusal = refused(tmp_path, *ports, REVIEW_SENTIMENT_DASHBOARD__DATABASE_URL=url)
    assert "it cannot open its database (ConnectionRefusedError" in refusal
    assert "check dashboard.database_url" in refusal
    assert "s3cret" not in refusal


def test_report_of_a_killed_dashboard_is_linked_as_a_file(tmp_path: Path) -> None:
    workspace = tmp_path / "data" / "workspace"
    workspace.mkdir(parents=True)
    gone = f"http://127.0.0.1:{free_port()}"
    left = {"api": f"{gone}/api", "reports": gone, "process": [os.getpid(), "another start"]}
    (workspace / "dashboard.json").write_text(json.dumps(left))
    report = workspace / "report" / "1" / "report.html"
    assert link_to(report, Workspace(workspace)) == report.as_uri()
    left["process"] = [os.getpid(), start_of(os.getpid())]
    (workspace / "dashboard.json").write_text(json.dumps(left))
    assert link_to(report, Workspace(workspace)) == report.as_uri()


def refused(folder: Path, *settings: str, **env: str) -> str:
    """Error message of ``dashboard``."""
    changes = [part for one in settings for part in ("--set", one)]
    with start("", folder, "dashboard", *changes, **env) as process:
        _, err = process.communicate()
    assert process.returncode in (1, 2)
    return err.partition("error: ")[2]
