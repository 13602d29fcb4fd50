"""The README's commands, one after the other."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DemoSite
from tests.readme import COMMANDS, write_files

# In one process, since most of a small run's time is the start of TensorFlow and Java.
ONE_AFTER_THE_OTHER = """
import shlex, sys
from flows.cli import main
for line in sys.stdin.read().splitlines():
    print("$", line, flush=True)
    print("exit status", main(shlex.split(line)[1:]), flush=True)
"""


@pytest.mark.timeout(900)
def test_the_commands_do_what_they_should(
    prefect_server: str, demo_site: DemoSite, tmp_path: Path
) -> None:
    write_files(tmp_path, demo_site)
    quick = {"REVIEW_SENTIMENT_TRAIN__EPOCHS": "1", "REVIEW_SENTIMENT_MODEL__LSTM_UNITS": "8"}
    ended = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER],
        cwd=tmp_path,
        env=os.environ | {"PREFECT_API_URL": prefect_server, **quick},
        input="\n".join(COMMANDS),
        capture_output=True,
        encoding="utf-8",
    )
    answers = re.findall(r"^\$ (.*)\n((?:.*\n)*?)exit status (\d)$", ended.stdout, re.M)
    assert [line for line, _, _ in answers] == COMMANDS, ended.stderr
    for line, out, status in answers:
        assert status == "0", f"{line}\n{ended.stderr}"
        assert out.strip() or "--output" in shlex.split(line), line
