"""A prediction that is killed goes on from its last chunk, to the bytes of an unbroken one."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, SourceError
from pipeline.predict import files
from pipeline.predict.files import TableJob, predict_file
from pipeline.storage.tables import open_table
from pipeline.target.binary import BINARY
from tests.processes import ROOT, running, wait_until

OUTPUTS = ["out.csv", "out.tsv.gz", "out.jsonl", "out.parquet", "out.xlsx"]
ROWS, CHUNK = 1_000, 100
KILLED = """
import sys
from pathlib import Path
from pipeline.predict import files
from tests.pipeline.predict.test_resume import Answers
from pipeline.target.binary import BINARY

files.CHUNK_ROWS = int(sys.argv[3])
job = files.TableJob(Path(sys.argv[1]), Path(sys.argv[2]))
files.predict_file(BINARY, Answers(waits_after=3), job, "model")
"""


class Answers:
    """Answers chunks by the length of their texts, and counts them."""

    def __init__(self, waits_after: int = 0, fails_after: BaseException | None = None) -> None:
        self.chunks = 0
        self.waits_after, self.error = waits_after, fails_after

    def __call__(self, chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        for texts in chunks:
            self.chunks += 1
            yield [{"label": "positive", "probability": len(text) / 100} for text in texts]
            if self.chunks == self.waits_after:
                signal.pause()
            if self.error:
                raise self.error


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHUNK_ROWS", CHUNK)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    lines = [f"{number},{'후기 ' * (number % 7)}" for number in range(ROWS)]
    path.write_text("\n".join(["id,document", *lines]), encoding="utf-8")
    return path


def predict(source: Path, output: Path, answers: Answers, model: str = "model") -> int:
    return predict_file(BINARY, answers, TableJob(source, output), model).rows


@contextlib.contextmanager
def waiting(source: Path, output: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has answered three chunks of a table and waits."""
    command = (sys.executable, "-c", KILLED, source, output, str(CHUNK))
    kept = unfinished(output)
    with running(*command, cwd=ROOT) as process:
        wait_until(lambda: kept.exists() and kept.read_bytes().count(b"\n") == 4, process)
        yield process


def unfinished(output: Path) -> Path:
    return output.with_name(f".{output.name}.unfinished")


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_same_command_after_a_kill_gives_the_bytes_of_an_unbroken_run(
    name: str, source: Path, tmp_path: Path
) -> None:
    output = tmp_path / name
    with waiting(source, output) as process:
        process.send_signal(signal.SIGKILL)
    assert not output.exists()
    with unfinished(output).open("ab") as file:
        file.write(b'[["positive", 0.')  # what a kill in the middle of a write leaves
    rest = Answers()
    assert predict(source, output, rest) == ROWS
    assert rest.chunks == ROWS // CHUNK - 3
    whole = output.read_bytes()
    all_at_once = Answers()
    predict(source, output, all_at_once)
    assert all_at_once.chunks == ROWS // CHUNK
    assert output.read_bytes() == whole
    assert {path.name for path in tmp_path.iterdir()} == {"in.csv", name}


def test_two_processes_never_write_one_output(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with waiting(source, output):
        with pytest.raises(InputError, match=r"another process is writing .*out\.csv: wait for it"):
            predict(source, output, Answers())
        predict(source, tmp_path / "other.csv", Answers())


@pytest.mark.parametrize("change", ["input", "model", "column"])
def test_another_prediction_begins_anew(change: str, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    with pytest.raises(KeyboardInterrupt):
        predict(source, output, Answers(fails_after=KeyboardInterrupt()))
    assert unfinished(output).exists()
    job = TableJob(source, output, column="id" if change == "column" else "")
    if change == "input":
        source.write_text(source.read_text(encoding="utf-8").replace("1,", "2,"), encoding="utf-8")
    answers = Answers()
    predict_file(BINARY, answers, job, "other" if change == "model" else "model")
    assert answers.chunks == ROWS // CHUNK
    assert not unfinished(output).exists()


def test_wrong_input_leaves_nothing(source: Path, tmp_path: Path) -> None:
    with source.open("a", encoding="utf-8") as file:
        file.write('\n1,"open')
    with pytest.raises(SourceError, match="is never closed"):
        predict(source, tmp_path / "out.csv", Answers())
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_interruption_before_the_first_answer_leaves_nothing(
    source: Path, tmp_path: Path
) -> None:
    def interrupted(chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_file(BINARY, interrupted, TableJob(source, tmp_path / "out.csv"), "model")
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_kept_answers_are_no_link(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    (tmp_path / "other").write_text("other")
    unfinished(output).symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic link"):
        predict(source, output, Answers())
    assert (tmp_path / "other").read_text() == "other"


def test_the_answers_beside_rows_without_a_text(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    predict(source, output, Answers())
    with open_table(output) as (names, rows):
        assert names == ["id", "document", "label", "probability"]
        for row in rows:
            length = len(row.text("document"))
            assert row["probability"] == (length / 100 if length else None)
