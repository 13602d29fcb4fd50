"""The temporary Prefect server starts and stops with the command."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.commands import start
from tests.processes import wait_until


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


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
@pytest.mark.parametrize("is_interrupted", [pytest.param(False, marks=pytest.mark.long), True])
def test_server_stops_with_the_command(tmp_path: Path, is_interrupted: bool) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('of the folder, not the package')")
    with start("", tmp_path, "crawl") as process:
        if is_interrupted:
            wait_until(lambda: any("uvicorn" in one for one in processes_of(tmp_path)), process)
            process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert "starting a temporary Prefect server" in err
    assert process.returncode == (128 + signal.SIGTERM if is_interrupted else 0), err
    assert processes_of(tmp_path) == []
