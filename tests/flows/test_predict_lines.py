"""``predict -``: an answer for each line of standard input, and ``--explain``."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Command
from tests.processes import ROOT, running

GOOD, BAD = "친절하고 깨끗해요", "불친절하고 더러워요"


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[list[str]]:
    """Options of the command ``predict -``."""
    yield [sys.executable, "-m", "flows", "predict", "-", "--workspace", str(tmp_path / "w")]


def test_each_line_is_answered_before_the_next_is_there(lines: list[str]) -> None:
    pipe = subprocess.PIPE
    with running(*lines, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text, label in ((GOOD, "positive"), (BAD, "negative"), ("", ""), (GOOD, "positive")):
            process.stdin.write(text + "\n")
            process.stdin.flush()
            answer, probability = process.stdout.readline().rstrip("\n").split("\t")
            assert answer == label
            assert bool(probability) == bool(label)
        rest, _ = process.communicate()
        assert (rest, process.returncode) == ("", 0)


def test_lines_of_any_bytes_get_a_line_each(lines: list[str]) -> None:
    texts = [
        GOOD.encode(),
        BAD.encode("cp949"),
        b"",
        b"\xff\xfe\x00",
        b"  ",
        b"http://a.b/c",
        b"\x1b[31m",
    ]
    texts.append("끝 \u2028에".encode())  # without a line break at the end
    found = subprocess.run(
        [*lines, "--json", "--explain"], input=b"\r\n".join(texts), capture_output=True, cwd=ROOT
    )
    assert found.returncode == 0, found.stderr
    answers = [json.loads(line) for line in found.stdout.decode().splitlines()]
    assert len(answers) == len(texts)
    assert [answer["label"] for answer in answers[:3]] == ["positive", "negative", None]
    assert b"\x1b" not in found.stdout
    assert "".join(part["text"] for part in answers[1]["explanation"]) == BAD
    assert "explanation" not in answers[2]


def test_a_reader_that_goes_ends_the_command_quietly(lines: list[str]) -> None:
    pipe = subprocess.PIPE
    with running(*lines, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(GOOD + "\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdout.close()
        process.stdin.write(f"{GOOD}\n" * 2)
        process.stdin.close()
        assert "Traceback" not in process.stderr.read()
        assert process.wait() == 128 + 13


def test_an_explanation_is_numbers_or_colours(command: Command) -> None:
    asked = ("predict", "--text", f"{GOOD} 그런데 정말 최고예요 강력 추천합니다", "--explain")
    plain = command(*asked).out.splitlines()
    assert plain[0].startswith("positive\t")
    pieces = [line.split("\t") for line in plain[1:]]
    assert "".join(text for text, _ in pieces) == "친절하고깨끗해요그런데정말최고예요강력추천합니다"
    numbers = json.loads(command(*asked, "--json").out)["explanation"]
    assert [
        (one["text"], f"{one['contribution']:+.4f}") for one in numbers if one["text"] != " "
    ] == [(text, number) for text, number in pieces]
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    coloured = command(*asked, **terminal).out.splitlines()
    assert len(coloured) == 2
    assert "\x1b[32m" in coloured[1]
    assert command(*asked, **terminal, NO_COLOR="1").out.splitlines() == plain
