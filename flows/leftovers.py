"""Ends servers that outlived their command, when the next command of the workspace starts.

A record identifies each server and its command by process id and start time, because ids are
reused.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from pathlib import Path

from pipeline.runtime import is_same, start_of
from pipeline.storage.files import write_json


def record(folder: Path, server: int) -> Path:
    """Record a server of this process; return the file to delete when the server ends."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{server}.json"
    known = {"server": server, "command": os.getpid()}
    write_json(path, {name: [process, start_of(process)] for name, process in known.items()})
    return path


def end_leftovers(folder: Path) -> int:
    """Kill the servers whose command has ended; return their number."""
    ended = 0
    for path in folder.glob("*.json"):
        try:
            known = json.loads(path.read_bytes())
            (server, of_server), (command, of_command) = known["server"], known["command"]
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        if is_same(command, of_command):
            continue
        if is_same(server, of_server):
            with contextlib.suppress(ProcessLookupError):
                os.kill(server, signal.SIGKILL)
                ended += 1
        path.unlink(missing_ok=True)
    return ended
