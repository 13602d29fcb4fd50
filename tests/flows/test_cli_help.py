"""The help of the command line and its examples."""

import itertools
import re
import shlex

import pytest

from pipeline.settings import load_settings
from tests.commands import Command

COMMANDS = {
    "Pipeline": [
        "run",
        "inspect",
        "crawl",
        "label",
        "label suggest",
        "label import",
        "prepare",
        "train",
        "evaluate",
        "report",
    ],
    "Models": ["predict", "models", "models promote", "models export", "models import"],
    "Operations": ["api", "serve", "dashboard", "digest", "purge", "repair", "completion"],
}
ALL = [name for names in COMMANDS.values() for name in names]


def test_help_names_every_command_in_its_group(command: Command) -> None:
    answer = command("--help")
    assert answer.status == 0
    for group, names in COMMANDS.items():
        (listed,) = re.findall(rf"^{group}:\n((?:  .*\n)+)", answer.out, re.M)
        assert re.findall(r"^  (\w+)", listed, re.M) == [n for n in names if " " not in n]
    assert command("-h").out == answer.out


@pytest.mark.parametrize("name", ["", *ALL])
def test_help_is_plain_and_fits_the_terminal(command: Command, name: str) -> None:
    for env in ({}, {"FORCE_COLOR": "1", "TERM": "xterm-256color"}):
        answer = command(*name.split(), "--help", **env)
        assert (answer.status, answer.err) == (0, "")
        assert answer.out.replace("\n", "").isprintable()
        assert max(map(len, answer.out.splitlines())) <= 80
        assert "..." not in answer.out.replace("[ARGS]...", ""), "a description was cut off"


@pytest.mark.parametrize("name", ALL)
def test_the_examples_in_the_help_are_right(command: Command, name: str) -> None:
    text = command(*name.split(), "--help").out
    examples = [line.strip() for line in text.partition("\nExamples:\n")[2].splitlines()]
    assert examples
    for example in examples:
        program, *words = shlex.split(example.removeprefix('eval "$(').removesuffix(')"'))
        assert program == "review-sentiment"
        line = " ".join(words)
        assert line.startswith(name)
        named = max((one for one in ALL if line.startswith(one)), key=len)
        shown = command(*words, "--help").out  # its options are known
        assert shown == command(*named.split(), "--help").out
        overrides = [after for word, after in itertools.pairwise(words) if word == "--set"]
        load_settings(environment={}, overrides=overrides)


def test_predict_speaks_of_the_champion(command: Command) -> None:
    text = command("predict", "--help").out
    assert "champion" in text
    assert "trained last" not in text
