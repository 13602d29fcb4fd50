"""Predictions with a small model trained here."""

import csv
import gzip
import json
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import InputError, SourceError
from pipeline.predict.files import TableJob, predict_file
from pipeline.predict.networks import TextSettings
from pipeline.predict.predictor import Predictor
from pipeline.storage import names
from pipeline.storage.files import write_text
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.tables import open_table
from pipeline.target.binary import BINARY
from tests.pipeline.small_model import BAD, GOOD


@pytest.fixture(scope="module")
def predictor(small_model: Manifest) -> Predictor:
    return Predictor(small_model)


ROWS: list[dict[str, Any]] = [
    {"id": 3, "document": "정말 좋아요", "note": 'a "quoted", note'},
    {"id": 1, "document": None, "note": "no text"},
    {"id": 2, "document": "정말 싫어요", "note": ""},
]


def write_rows(path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as file:
        if ".jsonl" in path.name:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
        elif ".csv" in path.name:
            writer = csv.DictWriter(file, ROWS[0].keys())
            writer.writeheader()
            writer.writerows(ROWS)
        else:
            lines = [list(ROWS[0]), *([str(v or "") for v in row.values()] for row in ROWS)]
            file.writelines("\t".join(line) + "\n" for line in lines)


def predict_all(predictor: Predictor, source: Path, output: Path, column: str = "") -> int:
    job = TableJob(source, output, column)
    return predict_file(predictor.target, predictor.answer, job).rows


def read_rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        if ".jsonl" in path.name:
            return [json.loads(line) for line in file]
        return list(csv.DictReader(file, delimiter="," if ".csv" in path.name else "\t"))


@pytest.mark.parametrize("source", ["in.tsv", "in.csv.gz", "in.jsonl", "in.parquet"])
@pytest.mark.parametrize("target", ["out.tsv.gz", "out.csv", "out.jsonl.gz", "out.parquet"])
def test_order_rows_and_columns_are_kept(
    predictor: Predictor, tmp_path: Path, source: str, target: str
) -> None:
    write_rows(tmp_path / source)
    assert predict_all(predictor, tmp_path / source, tmp_path / target) == 3
    rows = read_rows(tmp_path / target)
    assert list(rows[0]) == ["id", "document", "note", "label", "probability"]
    assert [str(row["id"]) for row in rows] == ["3", "1", "2"]
    assert rows[0]["note"] == ROWS[0]["note"]
    assert [row["label"] or "" for row in rows] == ["positive", "", "negative"]
    assert rows[1]["probability"] in (None, "")
    assert float(rows[0]["probability"]) > 0.5 > float(rows[2]["probability"])


def test_the_column_can_be_named_and_no_column_is_overwritten(
    predictor: Predictor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    own = {"label": "x", "label_predicted": "y", "본문": "정말 좋아요"}
    source.write_text(json.dumps(own, ensure_ascii=False) + "\n", encoding="utf-8")
    with caplog.at_level("INFO"):
        predict_all(predictor, source, output, column="본문")
    (row,) = read_rows(output)
    assert list(row) == [*own, "label_predicted2", "probability"]
    assert own.items() <= row.items()
    assert row["label_predicted2"] == "positive"
    assert (
        "in.jsonl: column names already in use: label; the predictions are in label_predicted2"
        in caplog.text
    )


def test_a_failed_prediction_leaves_the_output_alone(predictor: Predictor, tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    output.write_text("before", encoding="utf-8")
    source.write_text('{"document": "좋아요"}\n{"document": broken\n', encoding="utf-8")
    with pytest.raises(SourceError, match=r"in\.jsonl, line 2: not JSON"):
        predict_all(predictor, source, output)
    assert output.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]
    with pytest.raises(InputError, match="no such folder"):
        predict_all(predictor, source, tmp_path / "gone" / "out.jsonl")
    with pytest.raises(SourceError, match="unknown file format"):
        predict_all(predictor, source, tmp_path / "out.xls")


def test_probabilities_do_not_depend_on_other_texts(predictor: Predictor) -> None:
    alone = [predictor.predict([text])[0] for text in GOOD + BAD]
    together = predictor.predict(GOOD + BAD)
    assert np.allclose(alone, together, atol=1e-6)
    assert (together >= 0.5).tolist() == [True] * 4 + [False] * 4
    assert len(predictor.predict([])) == 0
    assert np.isfinite(predictor.predict(["", "\ud800", "😀", "x" * 10_000])).all()


def test_chunks_are_answered_as_the_texts_are(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks = [[*GOOD, "http://a.kr"], ["\u200b"], [], [*BAD, *GOOD, ""], ["정말"] * 30]
    expected = [predictor.answers(chunk) for chunk in chunks]
    monkeypatch.setattr("pipeline.predict.predictor.FEWEST_AT_ONCE", 3)
    found = list(predictor.answer(chunks))
    assert [len(answers) for answers in found] == [len(chunk) for chunk in chunks]
    for answer, other in zip(chain(*found), chain(*expected), strict=True):
        assert answer["label"] == other["label"]
        assert answer["probability"] == pytest.approx(other["probability"], abs=1e-4)
    assert predictor.predict(GOOD * 3) == pytest.approx(np.tile(predictor.predict(GOOD), 3))


def test_chunks_that_end_with_an_error(predictor: Predictor) -> None:
    def chunks() -> Iterator[list[str]]:
        yield GOOD
        yield BAD
        raise SourceError("line 3")

    answers = predictor.answer(chunks())
    assert [one["label"] for one in next(answers)] == ["positive"] * 4
    with pytest.raises(SourceError, match="line 3"):
        next(answers)


def test_a_score_is_added_in_a_column_of_its_own(
    small_score_model: Manifest, tmp_path: Path
) -> None:
    predictor = Predictor(small_score_model)
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("review,label\n정말 좋아요,x\n,y\n정말 싫어요,z\n", encoding="utf-8")
    predict_all(predictor, source, output)
    rows = read_rows(output)
    assert list(rows[0]) == ["review", "label", "score"]
    assert rows[0]["label"] == "x"
    assert float(rows[0]["score"]) > 4
    assert rows[1]["score"] == ""
    assert 1 <= float(rows[2]["score"]) < 2


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_a_table_without_rows_keeps_its_header(
    predictor: Predictor, tmp_path: Path, name: str
) -> None:
    (tmp_path / "in.csv").write_text("review\n")
    assert predict_all(predictor, tmp_path / "in.csv", tmp_path / name) == 0
    with open_table(tmp_path / name) as (columns, rows):
        assert columns == ["review", *predictor.target.columns]
        assert list(rows) == []


def test_labels_follow_the_threshold_that_is_saved_with_the_model(
    predictor: Predictor, tmp_path: Path
) -> None:
    shutil.copytree(predictor.folder, tmp_path / "model")
    probability = float(predictor.predict(GOOD[:1])[0])
    texts = json.loads((tmp_path / "model" / names.TEXT).read_bytes())
    assert texts["target"]["threshold"] == 0.5
    for threshold, label in ((probability + 1e-4, "negative"), (probability - 1e-4, "positive")):
        texts["target"]["threshold"] = threshold
        write_text(tmp_path / "model" / names.TEXT, json.dumps(texts))
        manifest = read_manifest(tmp_path / "model" / "manifest.json")
        assert manifest is not None
        (answer,) = Predictor(manifest).answers(GOOD[:1])
        assert answer == {"label": label, "probability": round(probability, 4)}


def test_models_saved_without_a_threshold_decide_at_one_half(
    predictor: Predictor,
) -> None:
    texts = json.loads((predictor.folder / names.TEXT).read_bytes())
    del texts["target"]["threshold"]
    assert TextSettings.model_validate(texts).target == BINARY
