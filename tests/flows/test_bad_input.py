"""Invalid input: a one-line error, exit status 2, no partial output."""

import subprocess
import unicodedata
from pathlib import Path

import pytest

from tests.commands import Command

HEADER = "id\tdocument\tlabel\n"
ROWS = [
    f"{i}\t{word} 영화 {i}번째\t{i % 2}\n" for i in range(200) for word in [("별로", "좋은")[i % 2]]
]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def files_below(folder: Path) -> list[str]:
    """Files that a command wrote, except Prefect's state."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "prefect" not in path.parts
    )


def test_missing_file(command: Command, tmp_path: Path) -> None:
    answer = command("run", "gone.tsv")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "error: no such file: gone.tsv\n"
    assert files_below(tmp_path / "data") == []


def test_table_without_the_column_that_is_named(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "id\tdocument\n1\t좋아요\n")
    source = "--set", "source.kind=file", "--set", f"source.path={path}"
    answer = command("run", *source, "--set", "source.columns.rating=별점")
    assert answer.status == 2
    assert answer.err == (
        f"error: {path} has no column label or 별점; its columns are: id, document\n"
    )
    assert files_below(tmp_path / "data") == []


def test_labels_of_unknown_meaning(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", HEADER + "1\t좋아요\t2\n2\t싫어요\t1\n")
    answer = command("crawl", "--set", "source.kind=file", "--set", f"source.path={path}")
    assert answer.status == 2
    assert answer.error == (
        f"{path}: the labels in column label have no clear meaning: "
        '"2" 1, "1" 1; say what they mean, for example '
        'source.values = { "1" = "negative", "2" = "positive" }\n'
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [row for row in ROWS if row.endswith("1\n")],
            "all 100 are positive",
        ),
        (ROWS[:4], "too few negative reviews: "),
    ],
)
def test_single_class_and_too_few_rows(
    command: Command, tmp_path: Path, rows: list[str], message: str
) -> None:
    path = write(tmp_path / "a.tsv", HEADER + "".join(rows))
    answer = command("run", "--set", "source.kind=file", "--set", f"source.path={path}")
    assert answer.status == 2
    assert message in answer.error
    assert answer.error.count("\n") == 1
    assert "Traceback" not in answer.err
    left = files_below(tmp_path / "data" / "workspace")
    assert [name for name in left if not name.startswith(("crawl/", "reviews.db"))] == []


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("train.epoch=3", "unknown setting train.epoch; did you mean train.epochs?"),
        ("train.epochs=three", "train.epochs = 'three' is invalid: "),
        ("train.epochs=0", "train.epochs = '0' is invalid: "),
        ("train.epochs", "--set train.epochs: write it as section.key=value"),
        ("source.kind=ftp", "source.kind = 'ftp' is invalid: choose one of"),
    ],
)
def test_unknown_and_invalid_settings(
    command: Command, tmp_path: Path, setting: str, message: str
) -> None:
    answer = command("run", "--set", setting)
    assert answer.status == 2
    assert answer.err.startswith(f"error: {message}")
    assert answer.err.count("\n") == 1
    assert files_below(tmp_path) == []


def test_invalid_settings_in_environment_and_config(command: Command, tmp_path: Path) -> None:
    answer = command("run", REVIEW_SENTIMENT_TRAIN__EPOCS="3")
    assert answer.err == "error: unknown setting train.epocs; did you mean train.epochs?\n"
    config = write(tmp_path / "c.toml", "[train]\nepochs = -1\n")
    answer = command("run", "--config", config)
    assert answer.err.startswith("error: train.epochs = -1 is invalid: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict"], 'predict needs either --text "..." or INPUT --output OUT'),
        (["predict", "--text", " "], 'predict --text "" holds no text'),
        (
            ["predict", "-", "--output", "a.csv"],
            "predict - prints its predictions: remove --output",
        ),
        (["predict", "-", "--explain"], "predict - with --explain needs --json"),
        (
            ["predict", "a.csv", "--output", "b.csv", "--explain"],
            "--explain is for --text and for -, not for a table",
        ),
        (["prepare"], "holds no crawl of this source (demo): run `review-sentiment crawl`"),
        (["launch"], "unknown command launch"),
    ],
)
def test_incomplete_commands(command: Command, arguments: list[str], message: str) -> None:
    answer = command(*arguments)
    assert answer.status == 2
    assert message in answer.err
    assert answer.err.startswith("error: ")
    assert answer.err.count("\n") == 1


def test_full_disk(command: Command, small_disk: Path) -> None:
    answer = command("run", "--workspace", small_disk / "w")
    assert answer.status == 2
    assert answer.err.startswith(f"error: only 4 MB are free for the workspace {small_disk}/w, ")
    assert answer.err.count("\n") == 1
    assert files_below(small_disk) == []


def test_read_only_disk(command: Command, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    answer = command("run", "--workspace", small_disk / "w")
    assert answer.status == 2
    assert answer.err == (
        f"error: cannot write to the workspace {small_disk}/w: Read-only file system; "
        "choose another with --workspace DIR\n"
    )


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("run.lock", ["crawl"]),
        ("reviews.db", ["crawl"]),
        ("prefect/prefect.db", ["crawl"]),
        ("dashboard.login", ["dashboard"]),
    ],
)
def test_planted_link(command: Command, tmp_path: Path, name: str, arguments: list[str]) -> None:
    letter, link = tmp_path / "letter.txt", tmp_path / "data" / "workspace" / name
    letter.touch()  # SQLite would take an empty file
    link.parent.mkdir(parents=True)
    link.symlink_to(letter)
    answer = command(*arguments)
    assert answer.status == 2
    assert f"{link}: it is a symbolic link; delete" in answer.error
    assert answer.error.count("\n") == 1
    assert letter.read_bytes() == b""
    assert link.is_symlink()


def test_missing_unlabeled_file(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", HEADER + "".join(ROWS))
    source = ["--set", "source.kind=file", "--set", f"source.path={path}"]
    answer = command("run", *source, "--set", "pretrain.unlabeled_path=gone.txt")
    assert answer.status == 2
    assert answer.error == "no such file: gone.txt\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--set", "source.path=header.csv"], "header.csv has a header line, but no rows\n"),
        (
            ["crawl", "--set", "source.path=header.csv"],
            "header.csv has a header line, but no rows\n",
        ),
        (
            ["run", "--set", "source.path=a.csv", "--set", "source.test_path=gone.csv"],
            "no such file: gone.csv\n",
        ),
        (
            ["run", "--set", "source.path=a.csv", "--set", "pretrain.unlabeled_path=label.csv"],
            "label.csv has no column document, text, review, 리뷰내용, 리뷰, 내용, 후기, content, "
            "comment or body; its columns are: label\n",
        ),
        (
            ["run", "--set", "source.path=words.csv"],
            "words.csv: the labels in column label have no clear meaning: ",
        ),
        (
            ["crawl", "--set", "source.path=a.csv", "--set", "source.test_path=words.csv"],
            "words.csv: the labels in column label have no clear meaning: ",
        ),
        (["run", "--set", "source.path=wide.csv"], "wide.csv, line 3: 3 fields, but the header"),
        (["train", "--set", "source.path=a.csv"], "holds no crawl of this source (file)"),
        (["evaluate", "--set", "source.path=a.csv"], "holds no crawl of this source (file)"),
        (["predict", "gone.csv", "--output", "out.csv"], "no such file: gone.csv\n"),
        (
            ["predict", "label.csv", "--output", "out.csv"],
            "label.csv has no column document, text, review, 리뷰내용, 리뷰, 내용, 후기, content, "
            "comment or body; its columns are: label; name the column of the texts with --column\n",
        ),
        (["predict", "a.csv", "--output", "out.xls"], "out.xls: unknown file format; save the"),
        (
            ["predict", "a.csv", "--output", "out.csv", "--sheet", "7월"],
            "a sheet can be chosen of a workbook (.xlsx) only, not of a.csv\n",
        ),
        (["predict", "a.csv", "--output", "gone/out.csv"], "no such folder: gone; create it or"),
        (
            ["predict", "a.csv", "--output", "out.jsonl", "--bom"],
            "a byte order mark is for CSV and TSV, not for out.jsonl\n",
        ),
        (
            ["predict", "a.csv", "--output", "out.csv", "--join-fields"],
            "a.csv: fields can only be joined to the last column, label, but the text is in "
            "document: put quotes around the texts instead\n",
        ),
    ],
)
def test_files_are_checked_before_prefect_is_needed(
    command: Command, tmp_path: Path, arguments: list[str], message: str
) -> None:
    write(tmp_path / "header.csv", "document,label\n")
    write(tmp_path / "label.csv", "label\n1\n")
    write(tmp_path / "a.csv", "document,label\n좋아요,1\n")
    write(tmp_path / "words.csv", "document,label\n좋아요,상\n싫어요,하\n")
    write(tmp_path / "wide.csv", "document,label\n좋아요,1\n좋아요, 정말,1\n")
    if arguments[0] != "predict":
        arguments = [*arguments, "--set", "source.kind=file"]
    answer = command(*arguments, PREFECT_API_URL="http://127.0.0.1:9/api")  # nobody answers there
    assert answer.status == 2
    assert message in answer.error
    assert answer.err.count("\n") == 1


def test_paths_of_the_command_line(command: Command, tmp_path: Path) -> None:
    config = tmp_path / unicodedata.normalize("NFD", "설정.toml")
    write(config, "[train]\nepochs = -1\n")
    for given in ("설정.toml", "~/설정.toml"):
        answer = command("run", f"--config={given}", HOME=str(tmp_path))
        assert answer.error.startswith("train.epochs = -1 is invalid: ")
    write(tmp_path / "a.csv", "document\n좋아요\n")
    answer = command("predict", "~/a.csv", "--output=~/gone/out.csv", HOME=str(tmp_path))
    assert answer.error.startswith(f"no such folder: {tmp_path}/gone; ")
