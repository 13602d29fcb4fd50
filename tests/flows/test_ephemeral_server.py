"""The temporary Prefect server starts and stops with the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows import leftovers
from pipeline.runtime import start_of
from tests.commands import Command, start
from tests.flows.own import options, rated, write_own
from tests.processes import free_port, listening_port, running, wait_until

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
SERVER = "flows.prefect_server"


def other_ports() -> list[str]:
    """Options of ``dashboard`` that keep its usual ports free."""
    ports = (f"dashboard.port={free_port()}", f"dashboard.reports_port={free_port()}")
    return [part for one in ports for part in ("--set", one)]


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes with PREFECT_HOME in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            if f"PREFECT_HOME={folder}".encode() in environment:
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@needs_proc
def test_server_stops_with_the_command(tmp_path: Path) -> None:
    """Also where the environment names proxies and logins, which are those of other servers."""
    (tmp_path / "uvicorn.py").write_text("raise ImportError('of the folder, not the package')")
    proxy = f"http://127.0.0.1:{free_port()}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    proxies = {spelling: proxy for name in names for spelling in (name, name.upper())}
    logins = {"PREFECT_SERVER_API_AUTH_STRING": "a:b", "PREFECT_API_AUTH_STRING": "c:d"}
    foreign = proxies | logins | {"NO_PROXY": "", "no_proxy": ""}
    write_own(tmp_path, rated(10))
    with start("", tmp_path, "crawl", *options(), **foreign) as process:
        _, err = process.communicate()
    assert "starting a temporary Prefect server" in err
    assert process.returncode == 0, err
    assert processes_of(tmp_path) == []
    assert not list(tmp_path.rglob("servers/*.json"))


@needs_proc
def test_server_stops_with_the_interrupted_command(tmp_path: Path) -> None:
    with start("", tmp_path, "crawl") as process:
        wait_until(lambda: any(SERVER in one for one in processes_of(tmp_path)), process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert "starting a temporary Prefect server" in err
    assert process.returncode == 128 + signal.SIGTERM, err
    assert processes_of(tmp_path) == []
    assert not list(tmp_path.rglob("servers/*.json"))


@needs_proc
@pytest.mark.long
@pytest.mark.parametrize("name", ["crawl", "dashboard"])
def test_server_ends_when_the_command_is_killed(tmp_path: Path, name: str) -> None:
    with start("", tmp_path, name, *other_ports()) as process:
        wait_until(lambda: list(tmp_path.rglob("servers/[0-9]*.json")), process)
        (record,) = tmp_path.rglob("servers/[0-9]*.json")
        wait_until(lambda: listening_port(int(record.stem)), process)
        process.kill()
        process.wait()
        with running("sleep", "300") as clock:
            wait_until(lambda: processes_of(tmp_path) == [], clock)


@needs_proc
def test_leftover_servers_are_ended_and_nothing_else(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys; from pathlib import Path; from flows import leftovers;"
        "leftovers.record(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    with running("sleep", "300") as left, running("sleep", "300") as other:
        subprocess.run([sys.executable, "-c", script, tmp_path, str(left.pid)], check=True)
        subprocess.run([sys.executable, "-c", script, tmp_path, str(other.pid)], check=True)
        reused = tmp_path / f"{other.pid}.json"
        started = start_of(other.pid)
        assert started
        reused.write_text(reused.read_text().replace(started, "another start"))
        own = leftovers.record(tmp_path, os.getpid())
        (tmp_path / "broken.json").write_text("[")
        assert leftovers.end_leftovers(tmp_path) == 1
        assert left.wait(timeout=60) == -signal.SIGKILL
        assert other.poll() is None
        assert list(tmp_path.iterdir()) == [own]


@pytest.mark.parametrize("name", ["crawl", "run", "serve"])
def test_address_without_a_server_is_an_error(command: Command, name: str) -> None:
    answer = command(name, PREFECT_API_URL=f"http://127.0.0.1:{free_port()}/api")
    assert answer.status == 2
    assert answer.error.startswith("no Prefect server responds at http://127.0.0.1:")
    assert answer.error.count("\n") == 1


@pytest.mark.parametrize("name", ["crawl", pytest.param("dashboard", marks=pytest.mark.long)])
def test_damaged_database_is_named(tmp_path: Path, name: str) -> None:
    database = tmp_path / "data" / "workspace" / "prefect" / "prefect.db"
    database.parent.mkdir(parents=True)
    database.write_bytes(b"no database" * 1000)
    with start("", tmp_path, name, *other_ports()) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    line = err.partition("error: ")[2]
    assert f"Prefect's database {database} is damaged: file is not a database; run" in line
    assert "`review-sentiment repair`" in line
    assert line.count("\n") == 1
