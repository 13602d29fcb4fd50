"""The front matter of model cards, as the Hugging Face Hub would read it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from pipeline.predict.bundle_records import BundleMetrics
from pipeline.predict.card_metadata import METRICS, front_matter

SOURCES = ["아파트 리뷰", "a: b # c", "- 'x\" \\ {y}", "null", "😀\nlicense: mit", "---", "1e5", ""]


def figure(value: float) -> dict[str, Any]:
    return {"value": value, "interval": [value, value]}


def parsed(known: BundleMetrics) -> dict[str, Any]:
    text = front_matter(known)
    assert text.startswith("---\n")
    assert text.endswith("\n---")
    found: dict[str, Any] = yaml.safe_load(text.removeprefix("---\n").removesuffix("\n---"))
    return found


@pytest.mark.parametrize("source", SOURCES)
def test_the_hub_finds_the_results(source: str) -> None:
    values = {"accuracy": 0.91234567, "macro_f1": 0.00001, "roc_auc": 1.0, "brier_score": 0.1,
              "recall_negative": 0.72, "precision_negative": 0.75}  # fmt: skip
    figures = {name: figure(value) for name, value in values.items()}
    known = BundleMetrics(source=source, figures={"network": figures, "baseline": {}})
    found = parsed(known)
    assert (found["language"], found["library_name"]) == ("ko", "keras")
    assert found["pipeline_tag"] == "text-classification"
    assert all(isinstance(tag, str) for tag in found["tags"])
    assert "license" not in found
    (model,) = found["model-index"]
    (result,) = model["results"]
    assert isinstance(model["name"], str)
    assert result["task"]["type"] == "text-classification"
    assert result["dataset"]["name"] == known.source or source == ""
    assert all(isinstance(result["dataset"][key], str) for key in ("type", "name", "split"))
    by_name = {one["name"]: one for one in result["metrics"]}
    assert len(by_name) == 5
    for name, value in values.items():
        if name in METRICS:
            metric = by_name[METRICS[name].name]
            assert metric["type"] == METRICS[name].type
            assert metric["value"] == pytest.approx(value, abs=1e-6)
    assert found["metrics"] == [one["type"] for one in result["metrics"]]


def test_models_with_one_metric_and_without_any() -> None:
    found = parsed(BundleMetrics(metric="mean_absolute_error", network=0.5))
    assert found["model-index"][0]["results"][0]["metrics"] == [
        {"type": "mae", "value": 0.5, "name": "Mean absolute error"}
    ]
    assert "model-index" not in parsed(BundleMetrics())


def test_a_cross_validated_model_has_no_test_split() -> None:
    known = BundleMetrics(metric="macro_f1", network=0.8, folds=5)
    (result,) = parsed(known)["model-index"][0]["results"]
    assert "split" not in result["dataset"]
