"""What is recorded about the reviews that a model was trained and tested on."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.model.registry import Registry
from pipeline.stages.record import keep_record, make_table, record_of
from pipeline.storage import names
from pipeline.storage.manifest import Manifest
from pipeline.storage.record import Record
from pipeline.storage.schemas import EXAMPLES_SCHEMA
from pipeline.storage.workspace import Workspace

Row = tuple[str, str, int | None]
"""Text, split and fold of an example."""
FOLDS: list[Row] = [
    ("a", "train", 0),
    ("b", "validation", 1),
    ("twice", "train", 0),
    ("twice", "train", 1),
    ("repeated", "train", 1),
    ("repeated", "train", 1),
    ("between", "between", None),
    ("unlabeled", "unlabeled", None),
]
SPLIT: list[Row] = [
    ("a", "train", None),
    ("b", "test", None),
    ("c", "validation", None),
    ("a", "test", None),
]


def write(folder: Path, rows: list[Row]) -> tuple[Path, Path]:
    """``examples.parquet`` of these rows, and predictions that count the tested ones from 0."""
    folder.mkdir(exist_ok=True, parents=True)
    texts, splits, folds = (list(column) for column in zip(*rows, strict=True))
    blank, examples = [""] * len(rows), folder / names.EXAMPLES
    columns: dict[str, Any] = {"id": [f"s:{n}" for n in range(len(rows))], "group": blank}
    columns |= {
        "aspect": blank,
        "text": texts,
        "label": [0.0] * len(rows),
        "split": splits,
        "fold": folds,
    }
    pq.write_table(pa.table(columns, schema=EXAMPLES_SCHEMA), examples)
    tested = [text for text, split, fold in rows if split == "test" or fold is not None]
    answers: dict[str, Any] = {"text": tested, "baseline_probability": [0.5] * len(tested)}
    answers["network_probability"] = [float(number) for number in range(len(tested))]
    pq.write_table(pa.table(answers), folder / names.TEST_TABLE)
    return examples, folder / names.TEST_TABLE


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            FOLDS,
            [("a", 0), ("b", 1), ("twice", None), ("twice", None), ("repeated", 4), ("repeated", 5),
             ("between", None)],
        ),
        (SPLIT, [("a", None), ("b", 0), ("c", None), ("a", None)]),
    ],
)  # fmt: skip
def test_only_answers_to_texts_that_were_not_learnt_are_recorded(
    tmp_path: Path, rows: list[Row], expected: list[tuple[str, float | None]]
) -> None:
    table = make_table(*write(tmp_path, rows))
    assert table.column_names == ["id", "text", "network_probability"]
    found = zip(table["text"].to_pylist(), table["network_probability"].to_pylist(), strict=True)
    assert list(found) == expected


@pytest.fixture
def made(workspace: Workspace) -> tuple[Manifest, Manifest, Manifest]:
    """A model, its examples and its metrics."""
    write(workspace.folder("examples", "e"), FOLDS)
    examples = workspace.finish("examples", "e", [names.EXAMPLES], len(FOLDS), {})
    write(workspace.folder("metrics", "m"), FOLDS)
    metrics = workspace.finish("metrics", "m", [names.TEST_TABLE], len(FOLDS), {})
    (workspace.folder("model", "k") / names.NETWORK).write_text("network")
    details = {"data": examples.digest}
    return workspace.finish("model", "k", [names.NETWORK], 1, details), examples, metrics


def test_a_reduced_record_is_completed_by_the_next_run_on_the_same_reviews(
    workspace: Workspace, made: tuple[Manifest, Manifest, Manifest]
) -> None:
    whole = Record.read(keep_record(workspace, *made))
    assert whole.is_complete
    assert keep_record(workspace, *made) == keep_record(workspace, *made)
    rest = whole.only({"s:0", "s:6"})
    assert (rest.is_complete, rest.table["text"].to_pylist()) == (False, ["a", "between"])
    assert not Record.read(rest.write(workspace, "k")).is_complete
    assert whole.only(set(whole.table["id"].to_pylist())).is_complete
    again = Record.read(keep_record(workspace, *made))
    assert again.is_complete
    assert again.table == whole.table


def test_the_record_of_a_model_of_an_earlier_version_is_made_from_its_files(
    workspace: Workspace, made: tuple[Manifest, Manifest, Manifest]
) -> None:
    model, examples, metrics = made
    registry = Registry(workspace)
    version = registry.add(model, metrics=workspace.relative(metrics.folder))
    assert registry.record_of(version) is None
    record = record_of(workspace, version, model)
    assert record is not None
    assert registry.record_of(version) == record
    examples.path(names.EXAMPLES).unlink()
    assert record_of(workspace, version, model) == record
    (record.folder / names.RECORD).unlink()
    assert record_of(workspace, version, model) is None


def test_an_imported_model_has_no_record(
    workspace: Workspace, made: tuple[Manifest, Manifest, Manifest]
) -> None:
    model, _, _ = made
    version = Registry(workspace).add(model, metrics=workspace.relative(model.folder))
    assert record_of(workspace, version, model) is None
