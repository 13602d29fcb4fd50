import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics as reference

from pipeline.evaluate import evaluate, figures, mistakes
from pipeline.schemas import EXAMPLES
from pipeline.settings import EvaluateSettings


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, 400).astype(np.int8)


def noisy(labels: np.ndarray, noise: float, seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(0.2 + 0.6 * labels + random.normal(0, noise, len(labels)), 0, 1)


def test_figures_are_those_of_scikit_learn(labels: np.ndarray) -> None:
    probability = noisy(labels, 0.4).round(1)
    predicted = probability >= 0.5
    assert figures(labels, probability) == pytest.approx(
        {
            "accuracy": reference.accuracy_score(labels, predicted),
            "precision": reference.precision_score(labels, predicted),
            "recall": reference.recall_score(labels, predicted),
            "f1": reference.f1_score(labels, predicted),
            "roc_auc": reference.roc_auc_score(labels, probability),
        }
    )


def test_nothing_predicted_positive_gives_zero_not_an_error(labels: np.ndarray) -> None:
    found = figures(labels, np.zeros(len(labels)))
    assert found["precision"] == found["recall"] == found["f1"] == 0
    assert found["roc_auc"] == 0.5


def test_intervals_hold_the_value_and_narrow_with_more_examples(labels: np.ndarray) -> None:
    def width(count: int) -> float:
        many = np.tile(labels, count)
        report = evaluate(
            many,
            {"network": noisy(many, 0.3), "baseline": noisy(many, 0.5, 3)},
            EvaluateSettings(bootstrap_samples=200),
        )
        accuracy = report["network"]["figures"]["accuracy"]
        low, high = accuracy["interval"]
        assert low < accuracy["value"] < high
        assert report["difference"]["interval"][0] > 0
        return float(high - low)

    assert width(9) == pytest.approx(width(1) / 3, rel=0.3)


def test_equal_models_do_not_differ(labels: np.ndarray) -> None:
    same = noisy(labels, 0.4)
    report = evaluate(labels, {"network": same, "baseline": same}, EvaluateSettings())
    assert report["difference"] == {"value": 0.0, "interval": [0.0, 0.0]}
    assert sum(map(sum, report["network"]["confusion"])) == report["examples"] == 400


def test_mistakes_are_of_the_test_split_worst_first(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "examples.parquet"
    rows = {
        "id": list("abcde"),
        "group": [""] * 5,
        "aspect": [""] * 5,
        "text": ["학습", "맞음", "틀림", "더 틀림", "가장 틀림"],
        "label": [0, 1, 1, 0, 1],
        "split": ["train", "test", "test", "test", "test"],
    }
    pq.write_table(pa.table(rows, schema=EXAMPLES), path)
    found = mistakes(path, np.array([0.9, 0.4, 0.8, 0.1]))
    assert [one["text"] for one in found] == ["가장 틀림", "더 틀림", "틀림"]
    assert [one["label"] for one in found] == ["positive", "negative", "positive"]
