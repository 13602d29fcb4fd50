"""Targets ``three`` and ``score``, from a file to the report and predictions."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Command
from tests.flows.own import FEW, options, rated, write_own


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write_own(tmp_path, rated(FEW))
    return tmp_path / "own.csv"


def metrics_of(report: Path) -> dict[str, Any]:
    """Metrics of the run that wrote a report."""
    (path,) = (report.parents[2] / "metrics").glob("*/metrics.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def predicted(command: Command, folder: Path) -> list[dict[str, str]]:
    """Predictions for a table whose second row has no text."""
    text = "id,review\n1,조용하고 좋아요\n2,\n3,별로예요\n"
    (folder / "new.csv").write_text(text, encoding="utf-8")
    assert command("predict", "new.csv", "--output", "out.csv").status == 0
    with (folder / "out.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.long
def test_three_classes(command: Command, own: Path) -> None:
    changes = options("label.target=three", "train.class_weights=balanced")
    answer = command("run", *changes)
    assert answer.status == 0, answer.err
    assert "positive, between neutral" in answer.err
    report = Path(answer.out.splitlines()[-1])
    html, metrics = report.read_text(encoding="utf-8"), metrics_of(report)
    for model in ("network", "baseline"):
        confusion = metrics[model]["confusion"]
        assert sum(map(sum, confusion)) == metrics["examples"]
        assert [len(row) for row in confusion] == [3, 3, 3]
        assert f"{metrics[model]['figures']['macro_f1']['value']:.1%}".rstrip("%") in html
    rows = predicted(command, own.parent)
    names = ("negative", "neutral", "positive")
    shares = {name: float(rows[0][f"probability_{name}"]) for name in names}
    assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
    (texts,) = (report.parents[2] / "model").glob("*/text.json")
    weights = json.loads(texts.read_bytes())["target"]["decision_weights"]
    weighted = {name: shares[name] * one for name, one in zip(names, weights, strict=True)}
    label = max(names, key=lambda name: weighted[name])
    assert (rows[0]["label"], float(rows[0]["probability"])) == (label, shares[label])
    assert [row["label"] == "" for row in rows] == [False, True, False]
    line = command("predict", "--text", "조용하고 좋아요").out
    assert line == f"{label}\t{shares[label]:.4f}\n"


@pytest.mark.long
def test_score(command: Command, own: Path) -> None:
    answer = command("run", *options("label.target=score"))
    assert answer.status == 0, answer.err
    assert "ratings as given, from 1 to 5" in answer.err
    assert "validation mean absolute error" in answer.err
    report = Path(answer.out.splitlines()[-1])
    html, metrics = report.read_text(encoding="utf-8"), metrics_of(report)
    for model in ("network", "baseline"):
        figures = metrics[model]["figures"]
        assert 0 < figures["mean_absolute_error"]["value"] < 2
        assert figures["spearman"]["interval"][0] <= figures["spearman"]["value"]
        assert f"{figures['root_mean_squared_error']['value']:.3f}" in html
    rows = predicted(command, own.parent)
    assert list(rows[0]) == ["id", "review", "score"]
    assert 1 <= float(rows[0]["score"]) <= 5
    alone = command("predict", "--json", "--text", "조용하고 좋아요").out
    assert json.loads(alone) == {"score": float(rows[0]["score"])}


def test_score_requires_ratings(command: Command, own: Path) -> None:
    own.write_text("review,label\n좋아요,1\n싫어요,0\n", encoding="utf-8")
    answer = command("run", *options("label.target=score"))
    assert answer.status == 2
    assert answer.error == (
        "label.target = score needs ratings, and the source has none: "
        "add a rating column or field, or set label.target to binary\n"
    )
