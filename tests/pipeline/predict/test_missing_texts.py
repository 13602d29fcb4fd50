"""Rows without a text get empty predictions."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.predict.files import TableJob, predict_file
from pipeline.target.kinds import CLASSES


def answer(chunks: Iterable[list[str]]) -> Iterator[list[dict[str, Any]]]:
    for texts in chunks:
        yield [{"label": "positive", "probability": 0.9} for _ in texts]


def test_missing_texts_get_empty_predictions(tmp_path: Path) -> None:
    texts = ["좋아요", "NaN", "None", "", r"\N", "none"]
    source, output = tmp_path / "in.csv", tmp_path / "out.csv"
    lines = ["id,document", *(f"{number},{text}" for number, text in enumerate(texts))]
    source.write_text("\n".join(lines), encoding="utf-8")
    predict_file(CLASSES["binary"], answer, TableJob(source, output))
    with output.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["document"] for row in rows] == texts
    assert [row["label"] for row in rows] == ["positive", "", "", "", "", "positive"]
