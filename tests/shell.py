"""Commands one after the other in one process: most of a small command's time is its start.

Each line of stdin asks for one (``{"arguments", "folder", "env"}``), each line of stdout answers
(``{"status", "out", "err"}``).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from flows import console
from flows.cli import main
from pipeline.bundled import bundled
from pipeline.crawl import demo_site

DEMO = "TESTS_DEMO"
"""Environment variable of a command with the folder of other demo reviews."""


def run(arguments: Sequence[str], folder: str, env: dict[str, str]) -> dict[str, int | str]:
    """Run a command with files in the place of stdout and stderr."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    demo_site.DATA = Path(env[DEMO]) if DEMO in env else bundled("demo")
    console._stderr.cache_clear()  # made for the environment of the command before
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        try:
            status = main(arguments)
        except SystemExit as ended:  # as ``--help`` does
            status = int(ended.code or 0)
        sys.stdout.flush()
        sys.stderr.flush()
        return {"status": status, "out": _text(out), "err": _text(err)}


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def serve() -> None:
    """Answer until stdin ends; the commands themselves have an empty one."""
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for line in requests:
        print(json.dumps(run(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    serve()
