from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import spearmanr
from sklearn import metrics as reference

from pipeline.evaluate import evaluate, mistakes
from pipeline.schemas import EXAMPLES
from pipeline.settings import EvaluateSettings
from pipeline.target import BINARY, Score, Three


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, 400).astype(np.float32)


def noisy(labels: np.ndarray, noise: float, seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(0.2 + 0.6 * labels + random.normal(0, noise, len(labels)), 0, 1)


def test_figures_are_those_of_scikit_learn(labels: np.ndarray) -> None:
    probability = noisy(labels, 0.4).round(1)
    predicted = probability >= 0.5
    assert BINARY.figures(labels, probability) == pytest.approx(
        {
            "accuracy": reference.accuracy_score(labels, predicted),
            "precision": reference.precision_score(labels, predicted),
            "recall": reference.recall_score(labels, predicted),
            "f1": reference.f1_score(labels, predicted),
            "roc_auc": reference.roc_auc_score(labels, probability),
        }
    )


def test_nothing_predicted_positive_gives_zero_not_an_error(labels: np.ndarray) -> None:
    found = BINARY.figures(labels, np.zeros(len(labels)))
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


def test_mistakes_are_of_the_test_split_worst_first(tmp_path: Path) -> None:
    path = tmp_path / "examples.parquet"
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


def test_figures_of_three_classes_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 400).astype(np.float32)
    probabilities = random.dirichlet(np.ones(3), 400) + np.eye(3)[labels.astype(int)]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    average = {"average": "macro"}
    assert Three().figures(labels, probabilities) == pytest.approx(
        {
            "accuracy": reference.accuracy_score(labels, predicted),
            "macro_precision": reference.precision_score(labels, predicted, **average),
            "macro_recall": reference.recall_score(labels, predicted, **average),
            "macro_f1": reference.f1_score(labels, predicted, **average),
            "macro_roc_auc": reference.roc_auc_score(labels, probabilities, multi_class="ovr"),
        }
    )
    confusion = Three().pictures(labels, probabilities)["confusion"]
    assert confusion == reference.confusion_matrix(labels, predicted).tolist()


def test_figures_of_ratings_are_those_of_scikit_learn_and_scipy() -> None:
    random = np.random.default_rng(1)
    target = Score(lowest=1, highest=5)
    ratings = random.integers(1, 6, 400).astype(np.float64)
    predicted = np.clip(ratings + random.normal(0, 1, 400), 1, 5)
    found = target.figures(((ratings - 1) / 4).astype(np.float32), (predicted - 1) / 4)
    assert found == pytest.approx(
        {
            "mean_absolute_error": reference.mean_absolute_error(ratings, predicted),
            "root_mean_squared_error": reference.root_mean_squared_error(ratings, predicted),
            "r2": reference.r2_score(ratings, predicted),
            "spearman": spearmanr(ratings, predicted).statistic,
        },
        rel=1e-4,
    )


def test_ratings_that_are_all_the_same_have_no_rank_correlation_and_no_r2() -> None:
    target, same = Score(lowest=1, highest=5), np.full(9, 0.5, np.float32)
    found = target.figures(same, np.linspace(0, 1, 9))
    assert np.isnan([found["r2"], found["spearman"]]).all()
    rising = np.linspace(0, 1, 9, dtype=np.float32)
    assert np.isnan(target.figures(rising, np.full(9, 0.5))["spearman"])


def test_a_lower_error_is_a_better_one() -> None:
    target, ratings = Score(lowest=1, highest=5), np.tile([0, 0.25, 1], 50).astype(np.float32)
    near, far = (np.clip(ratings + off, 0, 1) for off in (0.05, 0.2))
    settings = EvaluateSettings(bootstrap_samples=50)
    report = evaluate(ratings, {"network": near, "baseline": far}, settings, target)
    assert report["difference"]["value"] > 0
    assert report["difference"]["interval"][0] > 0
    assert [row["rating"] for row in report["network"]["by_rating"]] == [1, 2, 5]


def test_mistakes_say_what_was_taken_for_what(tmp_path: Path) -> None:
    path = tmp_path / "examples.parquet"
    texts = ["맞음", "틀림", "더 틀림"]
    rows = {name: [""] * 3 for name in EXAMPLES.names} | {"text": texts, "split": ["test"] * 3}
    pq.write_table(pa.table(rows | {"label": [0, 0, 1]}, schema=EXAMPLES), path)
    probabilities = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.9, 0.1, 0]])
    found = mistakes(path, probabilities, Three())
    assert [(one["text"], one["label"], one["predicted"]) for one in found] == [
        ("더 틀림", "neutral", "negative"),
        ("틀림", "negative", "positive"),
    ]
    scores = mistakes(path, np.array([0, 0.5, 0]), Score(lowest=1, highest=5))
    assert [(one["label"], one["predicted"]) for one in scores] == [(5, 1), (1, 3)]
