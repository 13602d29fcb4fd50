"""The temporary Prefect server starts and stops with the command."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.commands import start


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
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_server_stops_with_the_command(tmp_path: Path, is_interrupted: bool) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ImportError('of the folder, not the package')")
    with start("", tmp_path, "crawl") as process:
        if is_interrupted:
            deadline = time.monotonic() + 120
            while not any("uvicorn" in line for line in processes_of(tmp_path)):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=200)
    assert "starting a temporary Prefect server" in err
    assert process.returncode == (128 + signal.SIGTERM if is_interrupted else 0), err
    assert processes_of(tmp_path) == []
