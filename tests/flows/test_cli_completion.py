"""Completion in shells."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import Command

BIN = Path(sys.executable).parent


def complete(folder: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    code = f"""
        eval "$(review-sentiment completion bash)"
        complete -p review-sentiment >&2 || exit 9
        COMP_WORDS=({shlex.join(["review-sentiment", *words])})
        COMP_CWORD={len(words)}
        _review_sentiment_completion review-sentiment
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        cwd=folder,
        env=os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_review_sentiment_completion" in done.stderr
    return done.stdout.split()


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    assert complete(tmp_path, "tr") == ["train"]
    assert complete(tmp_path, "models", "pro") == ["promote"]
    assert complete(tmp_path, "--workspace", "w", "cr") == ["crawl"]
    assert {"--refresh", "--full", "--workspace"} <= set(complete(tmp_path, "run", "--"))
    assert complete(tmp_path, "completion", "") == ["bash", "zsh", "fish"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(command: Command, name: str) -> None:
    answer = command("completion", name)
    assert (answer.status, answer.err) == (0, "")
    assert f"_REVIEW_SENTIMENT_COMPLETE={name}_complete" in answer.out
