"""The command line itself: options, help, completion, and what a start imports."""

import ast
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli.errors import exit_status
from tests.commands import Command

HEAVY = {
    *("bs4", "jpype", "keras", "konlpy", "matplotlib", "numpy", "pandas", "prefect", "pyarrow"),
    *("pydantic", "requests", "rich", "sklearn", "sqlalchemy", "tensorflow", "urllib3"),
}


def python(code: str, folder: Path, *arguments: str, **env: str) -> str:
    """The last line that a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1]


def test_global_options_count_before_and_after_the_command(
    command: Command, tmp_path: Path
) -> None:
    places = [
        (["--workspace", "before", "models"], "before"),
        (["models", "--workspace", "after"], "after"),
        (["--workspace", "lost", "models", "--workspace", "later"], "later"),
    ]
    for arguments, made in places:
        answer = command(*arguments)
        assert (answer.status, answer.out) == (0, "")
        assert (tmp_path / made).is_dir()
    assert not (tmp_path / "lost").exists()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("between", [["models"], ["models", "promote"]])
def test_set_adds_up_in_order(command: Command, between: list[str]) -> None:
    wrong, right = ["--set", "train.epochs=0"], ["--set", "train.epochs=3"]
    assert "train.epochs = '0'" in command(*right, *between, *wrong, *["1"][: len(between) - 1]).err
    fine = command(*wrong, *between, *right, *["1"][: len(between) - 1])
    assert "train.epochs" not in fine.err
    other = command(*wrong, "models", "--set", "train.seed=3")
    assert "train.epochs = '0'" in other.err


def test_the_later_config_wins(command: Command, tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text("[train]\nepochs = 3\n")
    (tmp_path / "bad.toml").write_text("[train]\nepochs = 0\n")
    assert command("--config", "bad.toml", "models", "--config", "good.toml").status == 0
    assert command("--config", "good.toml", "models", "--config", "bad.toml").status == 2


@pytest.mark.parametrize("arguments", [["--debug", "models"], ["models", "--debug"]])
def test_debug_shows_the_traceback(command: Command, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "bad.toml").write_text("[train]\nepochs = 0\n")
    answer = command(*arguments, "--config", "bad.toml")
    assert answer.status == 2
    assert "Traceback" in answer.err
    assert "\nerror: train.epochs = 0" in answer.err


def test_one_command_leaves_nothing_to_the_next(command: Command, tmp_path: Path) -> None:
    assert command("--workspace", "w", "--set", "train.epochs=0", "models").status == 2
    assert command("models").status == 0
    assert (tmp_path / "data" / "workspace").is_dir()


def test_signals_are_watched_once(tmp_path: Path) -> None:
    code = """if True:
        import os, threading
        from flows.cli import main
        counts = set()
        for _ in range(3):
            assert main(["models"]) == 0
            counts.add((threading.active_count(), len(os.listdir("/proc/self/fd"))))
        print(len(counts))
    """
    assert python(code, tmp_path) == "1"


def test_version(command: Command) -> None:
    answer = command("--version")
    assert (answer.status, answer.err) == (0, "")
    assert re.fullmatch(r"review-sentiment \d+\.\d+\.\d+\S*\n", answer.out)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["run", "--help"], ["completion", "bash"], ["COMPLETE"]],
)
def test_a_start_is_light_and_writes_nothing(tmp_path: Path, arguments: list[str]) -> None:
    code = """if True:
        import sys
        from flows.cli import main
        assert main(sys.argv[1:]) == 0
        print()
        print(sorted({name.partition(".")[0] for name in sys.modules}))
    """
    env = {}
    if arguments == ["COMPLETE"]:
        env = {
            "_REVIEW_SENTIMENT_COMPLETE": "bash_complete",
            "COMP_WORDS": "review-sentiment run --",
            "COMP_CWORD": "2",
        }
    modules = set(ast.literal_eval(python(code, tmp_path, *arguments, **env)))
    assert modules & HEAVY == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "missing command; see `review-sentiment --help`"),
        (["trian"], "unknown command trian; did you mean train? See `review-sentiment --help`"),
        (["launch"], "unknown command launch; see `review-sentiment --help`"),
        (["a\n\x1b[31mb"], "unknown command a \\u001b[31mb; see `review-sentiment --help`"),
        (
            ["models", "promot"],
            "unknown command promot; did you mean promote? See `review-sentiment models --help`",
        ),
        (
            ["run", "--refesh", "model"],
            "unknown option --refesh; did you mean --refresh? See `review-sentiment run --help`",
        ),
        (
            ["--worksapce", "w", "run"],
            "unknown option --worksapce; did you mean --workspace? See `review-sentiment --help`",
        ),
        (
            ["train", "--epochs", "3"],
            "unknown option --epochs; did you mean --set train.epochs=...? "
            "See `review-sentiment train --help`",
        ),
        (
            ["models", "--workspace", __file__],
            f"--workspace: Directory '{__file__}' is a file; see `review-sentiment models --help`",
        ),
        (["run", ""], "[FILE]: must not be empty; see `review-sentiment run --help`"),
        (["run", "a" * 300], f"{'a' * 300}: File name too long"),
        (["train", "--zzz"], "unknown option --zzz; see `review-sentiment train --help`"),
        (
            ["repair", "reviews.csv"],
            "got unexpected extra argument (reviews.csv); see `review-sentiment repair --help`",
        ),
        (
            ["run", "--config"],
            "option '--config' requires an argument; see `review-sentiment run --help`",
        ),
        (
            ["purge", "--older-than", "soon"],
            "--older-than: 'soon' is not a number of days; see `review-sentiment purge --help`",
        ),
        *(
            (
                ["purge", "--older-than", days],
                "--older-than: at most 36,500 days; see `review-sentiment purge --help`",
            )
            for days in ("36501", "9999999", "9" * 5000)
        ),
        (
            ["models", "promote"],
            "VERSION is missing; see `review-sentiment models promote --help`",
        ),
        (
            ["models", "promote", "best"],
            "VERSION: 'best' is not a valid integer; see `review-sentiment models promote --help`",
        ),
        (
            ["completion", "tcsh"],
            "SHELL: 'tcsh' is not one of 'bash', 'zsh', 'fish'; "
            "see `review-sentiment completion --help`",
        ),
    ],
)
def test_what_cannot_be_parsed(
    command: Command, tmp_path: Path, arguments: list[str], line: str
) -> None:
    answer = command(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == f"error: {line}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [("reviews.csv", "source.path=reviews.csv"), ("내 리뷰.csv", "'source.path=내 리뷰.csv'")],
)
def test_a_file_that_is_given_as_an_argument(
    command: Command, tmp_path: Path, name: str, written: str
) -> None:
    (tmp_path / name).touch()
    hint = (
        f"did you mean --set source.kind=file --set {written}? See `review-sentiment repair --help`"
    )
    assert command("repair", name).err == (
        f"error: got unexpected extra argument ({name}); {hint}\n"
    )
    assert "did you mean" not in command("models", "promote", "1", name).err


@pytest.mark.parametrize(
    ("names", "advice"),
    [
        (["1월.csv", "2월.csv"], "their folder, ., or a pattern in quotes, such as '*.csv'"),
        (
            ["my reviews/1.csv", "my reviews/2.csv", "my reviews/3.csv"],
            "their folder, 'my reviews', or a pattern in quotes, such as 'my reviews/*.csv'",
        ),
        (["a/1.csv", "a/2.xlsx"], "their folder, a"),
        (["a/1.csv", "b/1.csv"], "one folder or .zip that contains all of them"),
    ],
)
@pytest.mark.parametrize(
    "arguments", [["run"], ["inspect"], ["label", "suggest", "to-label.csv"]], ids=" ".join
)
def test_several_files(
    command: Command, tmp_path: Path, arguments: list[str], names: list[str], advice: str
) -> None:
    answer = command(*arguments, *names)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == (
        f"error: only one FILE is read, {len(names)} were given: pass {advice}; "
        f"see `review-sentiment {' '.join(arguments[:2])} --help`\n"
    )


def test_an_argument_that_is_too_long_for_a_file(command: Command) -> None:
    name = "a" * 300
    line = f"error: got unexpected extra argument ({name}); see `review-sentiment repair --help`\n"
    assert command("repair", name).err == line


@pytest.mark.parametrize("debug", [False, True])
def test_a_failed_run(capsys: pytest.CaptureFixture[str], debug: bool) -> None:
    assert exit_status(ValueError("first\nsecond"), debug=debug) == 1
    out, err = capsys.readouterr()
    line = "error: the run failed: ValueError: first; run with --debug for the traceback\n"
    assert out == ""
    assert err.endswith(line)
    assert err == line or debug


@pytest.mark.parametrize("arguments", [["--help"], ["models", "--json"]])
def test_a_reader_that_leaves_early(tmp_path: Path, arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "flows", *arguments],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, b"")


@pytest.mark.parametrize(("env", "is_red"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colour_unless_the_user_says_no(
    tmp_path: Path, env: dict[str, str], is_red: bool
) -> None:
    ours, theirs = pty.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-m", "flows", "launch"],
        cwd=tmp_path,
        env=inherited | {"TERM": "xterm-256color"} | env,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert "unknown command launch" in shown
    assert bool(re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)) is is_red
