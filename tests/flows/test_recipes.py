"""The commands of README and docs, one after the other."""

import shlex
from pathlib import Path

import pytest

from pipeline.crawl.demo_site import DemoSite
from tests.commands import Command
from tests.docs import COMMANDS, write_files
from tests.flows.own import LIGHT, SMALL, variables
from tests.shell import DEMO


@pytest.mark.long(minutes=2)
def test_the_commands_do_what_they_should(
    command: Command, fifth: Path, few_reviews: DemoSite, tmp_path: Path
) -> None:
    write_files(tmp_path, few_reviews)
    for line in COMMANDS:
        _, *arguments = shlex.split(line)
        answer = command(*arguments, **variables(*SMALL, *LIGHT), **{DEMO: str(fifth)})
        assert answer.status == 0, f"{line}\n{answer.err}"
        assert answer.out.strip() or "--output" in arguments, line
