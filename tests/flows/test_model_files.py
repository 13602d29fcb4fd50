"""Models as files on the command line, and predictions without Prefect."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pipeline.model.registry import Registry
from pipeline.storage.manifest import Manifest
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.pipeline.small_model import BAD, GOOD, copy_small
from tests.processes import run_code

NO_SERVER = {"PREFECT_API_URL": ""}


@pytest.fixture(scope="module")
def home(small_model: Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace with a small model, a table, and the model as a file."""
    folder = tmp_path_factory.mktemp("home")
    workspace = Workspace(folder / "data" / "workspace")
    Registry(workspace).add(copy_small(small_model, workspace.root))
    rows = "".join(f"{text}\n" for text in ("review", *GOOD, *BAD))
    (folder / "new.csv").write_text(rows, encoding="utf-8")
    return folder


@pytest.fixture
def bundle(home: Path, shell: Command, tmp_path: Path) -> Path:
    path = tmp_path / "flats.zip"
    answer = shell(home, "models", "export", "1", path)
    assert (answer.status, answer.out) == (0, f"{path}\n"), answer.err
    return path


def labels(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [row["label"] for row in csv.DictReader(file)]


def test_a_file_predicts_in_an_empty_workspace(bundle: Path, command: Command) -> None:
    answer = command("predict", "--model", bundle, "--text", GOOD[0], "--json", **NO_SERVER)
    assert answer.status == 0, answer.err
    assert json.loads(answer.out)["label"] == "positive"
    assert "starter" not in answer.err


def test_a_file_is_imported_and_promoted(bundle: Path, command: Command) -> None:
    answer = command("models", "import", bundle)
    assert answer.out.startswith("version 1 is a candidate; to use it, run `review-sentiment mod")
    assert "no version is the champion" in command("predict", "--text", GOOD[0]).error
    (version,) = json.loads(command("models", "--json").out)
    assert version["status"] == "candidate"
    assert version["reason"] == "imported from flats.zip"
    assert command("models", "promote", "1").status == 0
    assert command("predict", "--text", BAD[0]).out.startswith("negative\t")


def test_a_table_with_a_server_and_without(home: Path, bundle: Path, shell: Command) -> None:
    told = {"with.csv": {}, "without.csv": NO_SERVER}
    for name, env in told.items():
        answer = shell(home, "predict", "new.csv", "--output", name, "--model", bundle, **env)
        assert answer.status == 0, answer.err
        assert "temporary Prefect server" not in answer.err
        assert labels(home / name) == ["positive"] * 4 + ["negative"] * 4
    assert (home / "with.csv").read_bytes() == (home / "without.csv").read_bytes()


@pytest.mark.parametrize(
    "arguments", [["--text", GOOD[0]], ["new.csv", "--output", "fresh.csv"]], ids=["text", "table"]
)
def test_a_prediction_loads_neither_prefect_nor_tensorflow(
    home: Path, arguments: list[str]
) -> None:
    code = f"""
import sys
from flows.cli import main
assert main(["predict", *{arguments!r}]) == 0
print({{"tensorflow", "keras", "prefect", "onnx"}} & set(sys.modules), file=sys.stderr)
"""
    assert run_code(code, home).stderr.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["predict", "--model", "9", "--text", "a"], "no version 9; known versions: 1"),
        (["predict", "--model", "gone.zip", "--text", "a"], "no model in gone.zip: name a version"),
        (["predict", "--model", "new.csv", "--text", "a"], "new.csv is not a zip file"),
        (["models", "export", "1", "a.tar"], "a.tar: the file name must end with .zip"),
        (["models", "export", "9", "a.zip"], "no version 9; known versions: 1"),
        (["models", "import", "new.csv"], "new.csv is not a zip file"),
        (["models", "import", "gone.zip"], "FILE.zip: File 'gone.zip' does not exist"),
    ],
)
def test_a_wrong_model_is_named(home: Path, shell: Command, arguments: list[str], why: str) -> None:
    answer = shell(home, *arguments)
    assert answer.status == 2
    assert answer.error.startswith(why)
    assert len(answer.err.splitlines()) == 1
