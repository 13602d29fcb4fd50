"""Servers that outlived their command; the next command of the workspace ends them.

A record names each server and its command by process id and start time, because ids are reused.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

from pipeline.storage.files import write_json


def identity(process: int) -> str | None:
    """When a process started, None if it has ended."""
    stat = Path(f"/proc/{process}/stat")
    if not Path("/proc/self/stat").exists():
        answer = subprocess.run(  # noqa: S603  (a number)
            ["ps", "-o", "lstart=", "-p", str(process)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout.strip() or None
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def record(folder: Path, server: int) -> Path:
    """Note a server of this process; returns the file to delete when it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{server}.json"
    known = {"server": server, "command": os.getpid()}
    write_json(path, {name: [process, identity(process)] for name, process in known.items()})
    return path


def end_leftovers(folder: Path) -> int:
    """Kill the servers whose command has ended; returns their number."""
    ended = 0
    for path in folder.glob("*.json"):
        try:
            known = json.loads(path.read_bytes())
            (server, of_server), (command, of_command) = known["server"], known["command"]
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        if identity(command) == of_command is not None:
            continue
        if identity(server) == of_server is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(server, signal.SIGKILL)
                ended += 1
        path.unlink(missing_ok=True)
    return ended
