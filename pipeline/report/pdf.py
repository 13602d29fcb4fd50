"""Pages as PDF, printed by an installed Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pipeline.errors import InputError, RunError
from pipeline.storage.files import atomic_path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
TIME_LIMIT = 300
"""In seconds."""
OPTIONS = (
    *("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"),
    *("--no-first-run", "--no-pdf-header-footer", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
"""Chromium options; they also prevent any access to the network."""


def write_pdf(page: Path, output: Path) -> None:
    """Print an HTML page with its print style.

    Args:
        page: The HTML file.
        output: The PDF file.

    Raises:
        InputError: No Chromium is installed.
        RunError: Chromium failed.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise InputError(
            f"--pdf needs one of {', '.join(PROGRAMS)} on PATH; install Chromium, "
            f"or open {page} in a browser and print it to a file"
        )
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as profile, atomic_path(output) as temporary:
        command = [
            *(program, *OPTIONS, *sandbox, f"--user-data-dir={profile}"),
            *(f"--print-to-pdf={temporary.absolute()}", page.absolute().as_uri()),
        ]
        try:
            answer = subprocess.run(  # noqa: S603  (options of our own, a path as URL)
                command, capture_output=True, timeout=TIME_LIMIT, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"{program} did not print {page}: {error}") from error
        if answer.returncode or not temporary.stat().st_size:
            lines = answer.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise RunError(f"{program} did not print {page}: {lines[-1]}")
