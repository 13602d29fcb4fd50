"""Measures a program as a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple


class Measured(NamedTuple):
    """A finished process: standard output, wall-clock seconds and peak memory in MB."""

    out: str
    seconds: float
    peak_mb: float


def measure(module: str, *arguments: str | Path) -> Measured:
    """Run a Python module; exits the benchmark if it fails."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{module} failed with {' '.join(map(str, arguments))}")
    return Measured(out, time.monotonic() - started, usage.ru_maxrss / 2**10)
