"""``predict`` before anything is trained."""

import csv
import json
from pathlib import Path

from tests.commands import Command

NOWHERE = "http://127.0.0.1:9/api"


def test_the_starter_answers_for_a_text(command: Command) -> None:
    answer = command("predict", "--text", "친절하고 깨끗해요", "--json", PREFECT_API_URL=NOWHERE)
    assert answer.status == 0, answer.err
    assert json.loads(answer.out)["label"] == "positive"
    assert answer.err.startswith(
        "no trained model yet: predicting with the starter, which was trained on film"
    )
    assert command("predict", "--text", "불친절하고 더러워요").out.startswith("negative\t0.")


def test_the_starter_answers_for_a_table_without_a_server(command: Command, tmp_path: Path) -> None:
    rows = "id,review\n1,너무 시끄러워요\n2,\n3,조용하고 좋아요\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    answer = command("predict", "a.csv", "--output", "b.csv", PREFECT_API_URL=NOWHERE)
    assert answer.status == 0, answer.err
    with (tmp_path / "b.csv").open(encoding="utf-8") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert labels == ["negative", "", "positive"]
    assert "3 rows written to b.csv, 1 of them without a text" in answer.err
    assert "predicting with the starter" in answer.err
