"""The commands of README and docs, one after the other."""

import shlex
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DemoSite
from tests.commands import Command
from tests.docs import COMMANDS, write_files
from tests.flows.own import SMALL, variables


@pytest.mark.long(minutes=2)
def test_the_commands_do_what_they_should(
    command: Command, demo_site: DemoSite, tmp_path: Path
) -> None:
    write_files(tmp_path, demo_site)
    for line in COMMANDS:
        _, *arguments = shlex.split(line)
        answer = command(*arguments, **variables(*SMALL))
        assert answer.status == 0, f"{line}\n{answer.err}"
        assert answer.out.strip() or "--output" in arguments, line
