"""End-to-end runs on the demo reviews, started from the command line."""

import csv
import json
import random
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sklearn import metrics as reference

from pipeline.storage.manifest import read_manifest
from tests.commands import Command, start
from tests.flows.conftest import OF_FINISHED
from tests.flows.own import FEW, WITHOUT_STARTER, changes, rated, write_own
from tests.shell import DEMO

STAGES = (
    *("examples", "tokens", "vocabulary", "dataset"),
    *("pretrained", "ngrams", "model", "baseline"),
    *("metrics", "explanation", "topics", "behaviour", "profile", "judged", "report"),
)
OF_FOLDS = ("half", "half_network", "fold")
"""Further stages of a cross-validation."""
OF_TEST_SPLIT = ("baseline_predictions", "predictions")
"""Further stages where there is a test split."""


@pytest.fixture(scope="module", autouse=True)
def quick(fifth: Path) -> Iterator[None]:
    """The settings and reviews of the finished run for all commands of this module."""
    with pytest.MonkeyPatch.context() as patched:
        for name, text in (OF_FINISHED | {DEMO: str(fifth)}).items():
            patched.setenv(name, text)
        yield


def only(root: Path, stage: str) -> Path:
    """The only output folder of a stage."""
    (folder,) = folders(root, stage)
    return folder


def folders(root: Path, stage: str) -> list[Path]:
    """All output folders of a stage, sorted by name."""
    return sorted((root / stage).iterdir())


def contents(root: Path, stage: str) -> list[dict[str, str]]:
    """Hashes of a stage's files; of a model's archive, which holds its time, those of the weights.

    The order is that of the hashes: the names of folders after the model depend on its archive.
    """
    found = []
    for folder in folders(root, stage):
        manifest = read_manifest(folder / "manifest.json")
        assert manifest is not None, folder
        files = dict(manifest.files)
        if stage == "model":
            with zipfile.ZipFile(manifest.path("model.keras")) as archive:
                files["model.keras"] = f"{archive.getinfo('model.weights.h5').CRC:08x}"
        found.append(files)
    return sorted(found, key=str)


def test_run_writes_the_report(finished: tuple[Path, str], fifth: Path) -> None:
    root, last_line = finished
    reviews = len((fifth / "reviews.jsonl").read_bytes().splitlines())
    report = Path(last_line)
    assert report == only(root, "report") / "report.html"
    snapshot = pq.read_table(only(root, "crawl") / "reviews.parquet").to_pylist()
    assert len({row["review_id"] for row in snapshot}) == reviews
    metrics = json.loads((only(root, "metrics") / "metrics.json").read_bytes())
    html = report.read_text(encoding="utf-8")
    for model in ("network", "baseline"):
        assert f"{metrics[model]['figures']['accuracy']['value']:.1%}".rstrip("%") in html
    assert f"{reviews:,}" in html


def test_report_metrics_equal_those_of_scikit_learn(
    finished: tuple[Path, str],
) -> None:
    root, report = finished
    html = Path(report).read_text(encoding="utf-8")
    table = pq.read_table(only(root, "metrics") / "predictions.parquet").to_pydict()
    truth = [label == "positive" for label in table["label"]]
    for model in ("network", "baseline"):
        answers = [label == "positive" for label in table[f"{model}_label"]]
        sureness = table[f"{model}_probability"]
        for figure in (
            reference.accuracy_score(truth, answers),
            reference.balanced_accuracy_score(truth, answers),
            reference.f1_score(truth, answers, average="macro"),
            reference.roc_auc_score(truth, sureness),
            reference.average_precision_score(truth, sureness),
            reference.precision_score(truth, answers),
            reference.recall_score(truth, answers),
        ):
            assert f"<td>{figure:.1%}" in html
        (hits, misses) = reference.confusion_matrix(truth, answers)[1, ::-1]
        assert f'wrong">{misses:,}</td><td class="right">{hits:,}</td>' in html


def test_possible_label_errors_are_those_of_the_tested_reviews(
    finished: tuple[Path, str],
) -> None:
    """The table of all texts has the same ones as the list of errors on the page."""
    root, report = finished
    record = json.loads((only(root, "explanation") / "explanation.json").read_bytes())
    listed = sum(one["doubtful"] for one in record["errors"])
    judged = pq.read_table(only(root, "judged") / "judged.parquet").to_pylist()
    doubtful = [row for row in judged if row["is_doubtful"]]
    assert len(doubtful) == listed > 0
    table = pq.read_table(only(root, "metrics") / "predictions.parquet").to_pylist()
    wrong = {
        row["id"] for row in table if row["network_label"] != row["label"] != row["baseline_label"]
    }
    assert {f"{row['source']}:{row['review_id']}" for row in doubtful} <= wrong
    assert f"Possible label errors: {listed} " in Path(report).read_text(encoding="utf-8")


def test_models_and_predict_show_the_threshold(
    finished: tuple[Path, str], command: Command
) -> None:
    root, _ = finished
    (texts,) = root.glob("model/*/text.json")
    threshold = json.loads(texts.read_bytes())["target"]["threshold"]
    rule = f"positive from {threshold:g}"
    listed = command("models", "--workspace", root)
    assert "Macro-F1" in listed.out
    assert rule in listed.out
    (version,) = json.loads(command("models", "--json", "--workspace", root).out)
    assert (version["metric"], version["rule"]) == ("macro_f1", rule)
    answer = command("predict", "--workspace", root, "--text", "조용하고 살기 좋아요")
    label, probability = answer.out.split()
    assert (label == "positive") == (float(probability) >= threshold)
    assert f"the decision rule of the model: {rule}" in answer.err


def test_output_is_readable_by_the_owner_only(finished: tuple[Path, str]) -> None:
    root, _ = finished
    assert [path for path in (root, *root.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_repeated_run_uses_the_cache(finished: tuple[Path, str], command: Command) -> None:
    root, last_line = finished
    answer = command("run", "--workspace", root)
    assert (answer.status, answer.out.splitlines()[-1]) == (0, last_line)
    expected = (*STAGES, *OF_FOLDS)
    assert [name for name in expected if f"{name}: served from cache" not in answer.err] == []


def test_only_the_stage_of_a_damaged_file_runs_again(
    finished: tuple[Path, str], command: Command
) -> None:
    root, _ = finished
    path = only(root, "vocabulary") / "vocabulary.json"
    before = path.read_bytes()
    path.write_bytes(before[:-100])
    answer = command("prepare", "--workspace", root)
    assert answer.status == 0
    assert "vocabulary: done in" in answer.err
    assert answer.err.count("served from cache") == 3
    assert path.read_bytes() == before


def test_stage_commands_print_their_manifests(finished: tuple[Path, str], command: Command) -> None:
    root, _ = finished
    for name, stages in {
        "prepare": ["examples", "tokens", "vocabulary", "dataset"],
        "train": ["model"],
        "evaluate": ["report"],
    }.items():
        answer = command(name, "--workspace", root, "--json")
        printed: Any = json.loads(answer.out)
        manifests = printed if isinstance(printed, list) else [printed]
        assert [manifest["stage"] for manifest in manifests] == stages
        for manifest in manifests:
            assert all((Path(manifest["folder"]) / file).is_file() for file in manifest["files"])


def test_predict_text(finished: tuple[Path, str], command: Command) -> None:
    root, _ = finished
    text = "교통도 편하고 관리도 잘 돼서 정말 만족해요"
    label, probability = command("predict", "--workspace", root, "--text", text).out.split()
    assert label == "positive"
    assert 0.5 <= float(probability) <= 1


def test_predict_text_as_json(finished: tuple[Path, str], command: Command) -> None:
    root, _ = finished
    text = "주차 자리가 없고 층간소음이 심해서 이사 가고 싶어요"
    found = json.loads(command("predict", "--workspace", root, "--json", "--text", text).out)
    assert found["label"] == "negative"
    assert 0 <= found["probability"] < 0.5


def test_predict_a_text_of_which_nothing_is_left(
    finished: tuple[Path, str], command: Command
) -> None:
    answer = command("predict", "--workspace", finished[0], "--text", "https://example.com/r/1")
    assert (answer.status, answer.out) == (2, "")
    assert answer.error.startswith("predict --text holds nothing but links, markup or invisible")


def test_predict_table(finished: tuple[Path, str], command: Command, tmp_path: Path) -> None:
    root, _ = finished
    (tmp_path / "new.csv").write_text("id,review\n1,조용하고 좋아요\n2,<br>\n", encoding="utf-8")
    answer = command("predict", "new.csv", "--workspace", root, "--output", "out.tsv")
    assert answer.status == 0
    assert answer.err.endswith("2 rows written to out.tsv, 1 of them without a text\n")
    with (tmp_path / "out.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["id"] for row in rows] == ["1", "2"]
    assert [bool(row["label"]) for row in rows] == [True, False]


@pytest.mark.long
def test_repeatedly_killed_run_gives_the_same_result(
    quick_run: Path, prefect_server: str, tmp_path: Path, chance: random.Random
) -> None:
    write_own(tmp_path, rated(FEW))
    root = tmp_path / "workspace"
    command = ("run", "--workspace", str(root), *changes(*WITHOUT_STARTER))
    for name in ("reviews.db-wal", "tokens", "model", "explanation"):
        with start(prefect_server, tmp_path, *command) as process:
            while not (root / name).exists() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.wait()
    with start(prefect_server, tmp_path, *command) as process:
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert err.count("served from cache") >= 4
    unbroken = quick_run / "data" / "workspace"
    for stage in ("crawl", *STAGES[:-1], *OF_TEST_SPLIT):
        assert contents(root, stage) == contents(unbroken, stage), stage
    assert Path(out.splitlines()[-1]).is_file()
    assert not [path for path in root.rglob(".*") if path.is_file() and "prefect" not in path.parts]
