"""Who gets an answer from the servers of the dashboard, and to what."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser

from tests.commands import start
from tests.flows.dashboard import Dashboard, dashboard
from tests.flows.hostile import attack, state_of
from tests.flows.own import rated, write_own
from tests.flows.schedule import BY_HAND, Schedule

PAGE = "<!doctype html><title>report</title>"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard of a workspace with one report."""
    folder = tmp_path_factory.mktemp("shown")
    report = folder / "data" / "workspace" / "report" / "0a1b"
    report.mkdir(parents=True)
    (report / "report.html").write_text(PAGE, encoding="utf-8")
    (report / "manifest.json").write_text("{}", encoding="utf-8")
    (report.parent / "report.html").write_text(PAGE, encoding="utf-8")
    with dashboard(folder) as started:
        kept = folder / "data" / "workspace" / "dashboard.login"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert len(started.auth[1]) >= 32
        yield started


def test_without_the_login_nobody_gets_in(shown: Dashboard) -> None:
    for auth in (None, ("owner", "guess"), ("", ""), (shown.auth[0], shown.auth[1][:-1])):
        for address in (f"{shown.root}/api/admin/version", f"{shown.reports}/0a1b/report.html"):
            assert requests.get(address, auth=auth, timeout=60).status_code == 401, address
        made = requests.post(f"{shown.root}/api/flows/", json={"name": "a"}, auth=auth, timeout=60)
        assert made.status_code == 401
    assert requests.get(f"{shown.root}/api/admin/version", auth=shown.auth, timeout=60).ok
    assert "a" not in [one["name"] for one in shown.ask("flows/filter")]


def test_commands_of_the_workspace_log_in_by_themselves(shown: Dashboard) -> None:
    api = f"{shown.root}/api".replace("127.0.0.1", "localhost")
    with start(api, shown.folder, "crawl") as process:
        _, err = process.communicate()
    assert process.returncode == 0, err
    assert "crawl" in [one["name"] for one in shown.ask("flows/filter")]


def test_other_workspaces_do_not(shown: Dashboard, tmp_path: Path) -> None:
    with start(f"{shown.root}/api", tmp_path, "crawl") as process:
        _, err = process.communicate()
    assert process.returncode == 2
    line = err.partition("error: ")[2]
    assert line.startswith(f"the Prefect server at {shown.root}/api rejects the login: set")
    assert line.count("\n") == 1


@pytest.mark.long
def test_a_hostile_page_uses_neither_the_dashboard_nor_the_schedule(
    browser: Browser, shown: Dashboard
) -> None:
    write_own(shown.folder, rated(10))
    api = f"{shown.root}/api"
    schedule = Schedule(api, shown.folder, login=shown.login)
    with schedule.served(*BY_HAND):
        before = state_of(api, shown.login)
        assert len(before["deployments"]) == 3
        assert attack(browser, api) == {"answers": [], "sockets": []}
        assert state_of(api, shown.login) == before


@pytest.mark.parametrize("server", ["root", "reports"])
@pytest.mark.parametrize(
    ("header", "text", "status"),
    [
        ("Host", "evil.example", 400),
        ("Host", "evil.example:4200", 400),
        ("Origin", "http://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
    ],
)
def test_foreign_requests_are_refused_even_with_the_login(
    shown: Dashboard, server: str, header: str, text: str, status: int
) -> None:
    address = {"root": f"{shown.root}/api/flows/filter", "reports": f"{shown.reports}/0a1b/"}
    methods = {"root": ("OPTIONS", "GET", "POST"), "reports": ("GET", "HEAD")}[server]
    for method in methods:
        answer = requests.request(
            method, address[server], headers={header: text}, auth=shown.auth, timeout=60
        )
        assert answer.status_code == status, method
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_own_pages_may_ask(shown: Dashboard) -> None:
    headers = {"Origin": shown.root, "Sec-Fetch-Site": "same-origin"}
    address = f"{shown.root}/api/flows/filter"
    answer = requests.post(address, json={}, headers=headers, auth=shown.auth, timeout=60)
    assert answer.ok
    assert answer.headers["access-control-allow-origin"] == shown.root


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?/report.html",
        "/0a1b/",
        "/0a1b/?/report.html",
        "/report.html",
        "/0a1b/manifest.json",
        "/0a1b/manifest.json?/report.html",
        "/0a1b/manifest.json#/report.html",
        "/0a1b/report.html/",
        "/0a1b/%2e%2e/report.html",
        "/0a1b/../report.html",
        "/../models.json/report.html",
    ],
)
def test_reports_alone_are_served(shown: Dashboard, path: str) -> None:
    found = ask_raw(shown, path)
    assert found.startswith("HTTP/1.0 404"), found
    assert ask_raw(shown, "/0a1b/report.html").endswith(PAGE)


def ask_raw(shown: Dashboard, path: str) -> str:
    """The response to a path that no client has tidied up."""
    request = requests.Request("GET", shown.reports, auth=shown.auth).prepare()
    host, _, port = shown.reports.removeprefix("http://").partition(":")
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        f"Authorization: {request.headers['Authorization']}",
        *("Connection: close", "", ""),
    )
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall("\r\n".join(lines).encode())
        with connection.makefile("rb") as answer:
            return answer.read().decode()
