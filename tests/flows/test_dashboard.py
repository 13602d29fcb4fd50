"""The dashboard in a real browser, and access to it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from playwright.sync_api import sync_playwright

from flows.prefect_env import link_to
from pipeline.storage.workspace import Workspace
from tests.commands import start
from tests.flows.own import options, rated, write_own
from tests.processes import free_port, wait_until

CHROMIUM = shutil.which("chromium")
PICTURES = os.environ.get("DASHBOARD_PICTURES")
"""Folder for screenshots; unset to take none."""
AUTH = "analyst:s3cret-word"


@contextlib.contextmanager
def dashboard(folder: Path, **env: str) -> Iterator[tuple[str, str]]:
    """Run a dashboard; yields its URL and that of the reports."""
    port, reports = free_port(), free_port()
    ports = ("--set", f"dashboard.port={port}", "--set", f"dashboard.reports_port={reports}")
    with start("", folder, "dashboard", *ports, **env) as process:
        try:
            wait_until((folder / "data" / "workspace" / "dashboard.json").exists, process)
            yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{reports}"
        finally:
            process.terminate()
            process.wait(timeout=120)
    assert not (folder / "data" / "workspace" / "dashboard.json").exists()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/api/health", timeout=60)


def run(folder: Path, **env: str) -> str:
    """Run the pipeline while the dashboard is up; returns the path of the report."""
    write_own(folder, rated())
    with start("", folder, "run", *options(), **env) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert "starting a Prefect server" not in err
    return out.splitlines()[-1]


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_run_is_shown_with_its_verdict_and_report(tmp_path: Path) -> None:
    with dashboard(tmp_path) as (root, reports), sync_playwright() as playwright:
        report = Path(run(tmp_path))
        found = requests.post(
            f"{root}/api/artifacts/filter", json={"sort": "CREATED_DESC"}, timeout=30
        ).json()
        runs = requests.post(f"{root}/api/flow_runs/filter", json={}, timeout=60).json()
        assert {one["parent_task_run_id"] is None: one["tags"] for one in runs} == {
            True: ["review-sentiment"],
            False: [],
        }
        tasks = requests.post(f"{root}/api/task_runs/filter", json={}, timeout=60).json()
        assert not any(one["tags"] for one in tasks)
        of_flows = {"filter": {"event": {"prefix": ["prefect.flow-run."]}}}
        events = requests.post(f"{root}/api/events/filter", json=of_flows, timeout=60).json()
        kinds = {one["event"] for one in events["events"]}
        assert "prefect.flow-run.Completed" in kinds
        assert "prefect.flow-run.heartbeat" not in kinds
        (evaluation,) = (one for one in found if one["key"] == "evaluation")
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        for name, address, text in (
            ("evaluation", f"/artifacts/artifact/{evaluation['id']}", "Model 1 is the"),
            ("runs", "/runs", "review-sentiment file"),
        ):
            page.goto(root + address)
            page.get_by_text(text).first.wait_for(timeout=120_000)
            if PICTURES:
                page.wait_for_timeout(1_000)
                page.screenshot(path=Path(PICTURES) / f"dashboard-{name}.png")
        page.goto(f"{root}/artifacts/artifact/{evaluation['id']}")
        link = page.get_by_role("link", name="Report").get_attribute("href")
        chromium.close()
        assert link == f"{reports}/{report.parent.name}/report.html"
        assert requests.get(link, timeout=60).content == report.read_bytes()
        for other in ("/", f"/{report.parent.name}/manifest.json", "/../models.json/report.html"):
            assert requests.get(reports + other, timeout=60).status_code == 404
        elsewhere = {"Host": "evil.example:80"}
        assert requests.get(link, headers=elsewhere, timeout=60).status_code == 404


@pytest.mark.long
def test_dashboard_requires_the_login(tmp_path: Path, postgresql_url: str) -> None:
    settings = {
        "REVIEW_SENTIMENT_DASHBOARD__AUTH": AUTH,
        "REVIEW_SENTIMENT_DASHBOARD__DATABASE_URL": postgresql_url.replace(
            "postgresql:", "postgresql+asyncpg:"
        ),
    }
    with dashboard(tmp_path, **settings) as (root, _):
        address = f"{root}/api/flow_runs/count"
        assert requests.post(address, json={}, timeout=60).status_code == 401
        user, _, password = AUTH.partition(":")
        known = requests.post(address, json={}, auth=(user, password), timeout=60)
        assert known.json() == 0
        with psycopg.connect(postgresql_url) as connection:
            assert connection.execute("SELECT count(*) FROM flow_run").fetchone() == (0,)
    assert not list(tmp_path.rglob("prefect.db"))


def test_public_host_requires_auth(tmp_path: Path) -> None:
    refusal = refused(tmp_path, "dashboard.host=0.0.0.0")
    assert "REVIEW_SENTIMENT_DASHBOARD__AUTH" in refusal


def test_port_in_use_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "change dashboard.reports_port" in refused(
            tmp_path, f"dashboard.port={free_port()}", f"dashboard.reports_port={port}"
        )


def test_report_of_a_killed_dashboard_is_linked_as_a_file(tmp_path: Path) -> None:
    workspace = tmp_path / "data" / "workspace"
    workspace.mkdir(parents=True)
    gone = f"http://127.0.0.1:{free_port()}"
    left = {"api": f"{gone}/api", "reports": gone}
    (workspace / "dashboard.json").write_text(json.dumps(left))
    report = workspace / "report" / "1" / "report.html"
    assert link_to(report, Workspace(workspace)) == report.as_uri()


def refused(folder: Path, *settings: str) -> str:
    """Error message of ``dashboard``."""
    changes = [part for one in settings for part in ("--set", one)]
    with start("", folder, "dashboard", *changes) as process:
        _, err = process.communicate()
    assert process.returncode in (1, 2)
    return err.partition("error: ")[2]
