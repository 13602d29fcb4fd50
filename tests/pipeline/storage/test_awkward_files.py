"""Files as people have them, read as a table and by ``predict``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, SourceError
from pipeline.predict.files import TableJob, predict_file
from pipeline.predict.predictor import Predictor
from pipeline.storage.manifest import Manifest
from pipeline.storage.tables import open_table
from tests.pipeline.awkward_tables import FILES, READABLE, REFUSED, Readable

LATE = {
    *("comma_before_label.csv", "unquoted_comma.csv", "unclosed_quote.csv", "quote_within.csv"),
    *("binary_cp949.parquet", "lists.jsonl"),
}
"""Refused as the rows are read, not before."""


@pytest.fixture(scope="module")
def predictor(small_model: Manifest) -> Predictor:
    return Predictor(small_model)


def readable(test: Any) -> Any:
    return pytest.mark.parametrize("case", READABLE, ids=lambda case: case.name)(test)


@readable
def test_the_rows_of_a_table(case: Readable, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        open_table(FILES / case.name, join_fields=case.join) as (names, rows),
    ):
        read = list(rows)
    text = case.column or "document"
    assert [row[text] for row in read] == case.texts
    assert [row.line for row in read] == case.lines
    assert {name: read[0].get(name) for name in case.rest or {}} == (case.rest or {})
    assert set().union(*read) <= set(names)
    assert [record.getMessage() for record in caplog.records] == ([case.says] if case.says else [])


@readable
@pytest.mark.parametrize(
    "output", ["out.csv", "out.tsv", "out.jsonl", "out.parquet", "out.xlsx", "out.json"]
)
def test_predictions_keep_rows_and_cells(
    case: Readable, output: str, predictor: Predictor, tmp_path: Path
) -> None:
    path = tmp_path / output
    job = TableJob(FILES / case.name, path, case.column, join_fields=case.join)
    assert predict_file(predictor.target, predictor.answer, job) == (len(case.texts), 0)
    with open_table(FILES / case.name, join_fields=case.join) as (names, rows):
        before = list(rows)
    with open_table(path) as (columns, rows):
        after = list(rows)
    label = "label_predicted" if "label" in names else "label"
    assert set(columns) == {*names, label, "probability"}
    text = case.column or "document"
    texts = [" ".join(one.split()) for one in case.texts] if output == "out.tsv" else case.texts
    assert [row[text] for row in after] == texts
    assert all(row[label] in ("positive", "negative") for row in after)
    if output in ("out.jsonl", "out.parquet"):
        for old, new in zip(before, after, strict=True):
            others = old.keys() - {"층", "값", "태그"}
            assert {name: new.get(name) for name in others} == {name: old[name] for name in others}


OTHERS = {path.name for path in FILES.iterdir()} - {one.name for one in READABLE} - {*REFUSED}
EMPTY = {
    "missing.csv": 6,
    "nothing_left.csv": 4,
    "nothing_usable.csv": 3,
    **dict.fromkeys(("pandas_labels.csv", "long_rows.csv", "long_rows.jsonl"), 1),
    **dict.fromkeys(("timestamps.parquet", "sheets.xlsx"), 1),
}
"""Number of rows without a prediction."""


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_predictions_for_files_of_all_kinds(
    name: str, predictor: Predictor, tmp_path: Path
) -> None:
    column = "review.text" if name == "nested.json" else ""
    job = TableJob(FILES / name, tmp_path / "out.jsonl", column)
    answered = predict_file(predictor.target, predictor.answer, job)
    with open_table(FILES / name) as (_, rows):
        before = list(rows)
    with open_table(job.output) as (_, rows):
        after = list(rows)
    assert answered == (len(before), EMPTY.get(name, 0))
    assert len(after) == len(before)
    assert sum(row["probability"] is None for row in after) == EMPTY.get(name, 0)


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files(name: str, predictor: Predictor, tmp_path: Path) -> None:
    job = TableJob(FILES / name, tmp_path / "out.csv")
    with pytest.raises(SourceError) as error:
        predict_file(predictor.target, predictor.answer, job)
    message = REFUSED[name]
    assert str(error.value) == f"{FILES / name}{message}"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", sorted(set(REFUSED) - LATE))
def test_files_refused_before_a_prediction(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        TableJob(FILES / name, tmp_path / "out.csv").check()


def test_predict_takes_one_file(tmp_path: Path) -> None:
    for source in (FILES, FILES / "*.csv"):
        with pytest.raises(InputError, match=r"predict takes one file, not a folder or pattern \("):
            TableJob(source, tmp_path / "out.csv").check()


def test_a_header_without_rows(predictor: Predictor, tmp_path: Path) -> None:
    job = TableJob(FILES / "header_only.csv", tmp_path / "out.csv")
    assert predict_file(predictor.target, predictor.answer, job) == (0, 0)


def test_texts_of_which_nothing_is_left_get_no_answer(
    predictor: Predictor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = TableJob(FILES / "nothing_left.csv", tmp_path / "out.jsonl")
    with caplog.at_level(logging.INFO):
        assert predict_file(predictor.target, predictor.answer, job) == (6, 4)
    assert "nothing_left.csv: 4 of 6 rows hold no text to predict" in caplog.text
    with open_table(job.output) as (_, rows):
        answers = [(row["label_predicted"], row["probability"]) for row in rows]
    assert answers[:4] == [(None, None)] * 4
    assert (None, None) not in answers[4:]


def test_mixed_types_become_text_in_parquet(
    predictor: Predictor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = TableJob(FILES / "mixed_types.jsonl", tmp_path / "out.parquet")
    with caplog.at_level(logging.INFO):
        predict_file(predictor.target, predictor.answer, job)
    assert (
        "mixed_types.jsonl: columns with values of several types are written as text: 층"
        in caplog.messages
    )
    with open_table(job.output) as (_, rows):
        cells = [(row["층"], row["값"], row["태그"]) for row in rows]
    assert cells == [("3", 1.0, '["가"]'), ("반지하", 2.5, None)]


def test_the_output_has_a_byte_order_mark_if_the_input_has(
    predictor: Predictor, tmp_path: Path
) -> None:
    for name, bom, expected in [
        ("same_names.csv", False, True),
        ("excel.txt", False, True),
        ("nfd_header.csv", False, False),
        ("nfd_header.csv", True, True),
    ]:
        column = "본문" if name.startswith("nfd") else ""
        job = TableJob(FILES / name, tmp_path / "out.csv", column, bom=bom)
        predict_file(predictor.target, predictor.answer, job)
        assert job.output.read_bytes().startswith(b"\xef\xbb\xbf") == expected
        with open_table(job.output) as (columns, _):
            assert "label" in columns
