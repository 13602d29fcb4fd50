"""Figures, their uncertainty, and what speaks against them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr
from sklearn import metrics as reference

from pipeline.evaluate.scores import (
    cautions,
    compare,
    describe_leakage,
    evaluate,
    predictions_table,
)
from pipeline.settings import EvaluateSettings
from pipeline.target.base import Target, Targets
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.target.three import Three


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, 400).astype(np.float32)


def noisy(labels: np.ndarray, noise: float, seed: int = 2) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(0.2 + 0.6 * labels + random.normal(0, noise, len(labels)), 0, 1)


def both(target: Target) -> Targets:
    return {"network": target, "baseline": target}


def figures(
    target: Target, labels: np.ndarray, predicted: np.ndarray, counts: np.ndarray | None = None
) -> dict[str, float]:
    return target.scorer(labels, predicted)(np.ones(len(labels)) if counts is None else counts)


def of_each(labels: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """Precision, recall and F1 of each class by scikit-learn."""
    scores = {
        "precision": reference.precision_score,
        "recall": reference.recall_score,
        "f1": reference.f1_score,
    }
    return {
        f"{figure}_{name}": value
        for figure, score in scores.items()
        for name, value in zip(
            names, score(labels, predicted, average=None, zero_division=0), strict=True
        )
    }


@pytest.mark.parametrize("resampled", [False, True])
def test_figures_are_those_of_scikit_learn(labels: np.ndarray, resampled: bool) -> None:
    probability = noisy(labels, 0.4).round(1)
    rows = np.arange(400)
    if resampled:
        rows = np.random.default_rng(3).integers(0, 400, 400)
    found = figures(BINARY, labels, probability, np.bincount(rows, minlength=400).astype(float))
    truth, of_truth = labels[rows], probability[rows]
    predicted = of_truth >= 0.5
    del found["expected_calibration_error"]
    assert found == pytest.approx(
        {
            "accuracy": reference.accuracy_score(truth, predicted),
            "balanced_accuracy": reference.balanced_accuracy_score(truth, predicted),
            "macro_f1": reference.f1_score(truth, predicted, average="macro"),
            "roc_auc": reference.roc_auc_score(truth, of_truth),
            "average_precision": reference.average_precision_score(truth, of_truth),
            "brier_score": reference.brier_score_loss(truth, of_truth),
            **of_each(truth, predicted, ("negative", "positive")),
        }
    )


def test_the_calibration_error_is_how_far_sureness_is_from_being_right() -> None:
    truth = np.array([1, 1, 0, 0, 0], np.float32)
    probability = np.array([0.9, 0.9, 0.9, 0.2, 0.2])
    expected = 3 / 5 * (0.9 - 2 / 3) + 2 / 5 * (1 - 0.8)
    assert figures(BINARY, truth, probability)["expected_calibration_error"] == pytest.approx(
        expected
    )


def test_nothing_predicted_positive_gives_zero_not_an_error(labels: np.ndarray) -> None:
    found = figures(BINARY, labels, np.zeros(len(labels)))
    assert found["precision_positive"] == found["recall_positive"] == found["f1_positive"] == 0
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


def test_figures_of_three_classes_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 400).astype(np.float32)
    probabilities = random.dirichlet(np.ones(3), 400) + np.eye(3)[labels.astype(int)]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    found = figures(Three(), labels, probabilities)
    del found["expected_calibration_error"]
    classes = np.eye(3)[labels.astype(int)]
    assert found == pytest.approx(
        {
            "accuracy": reference.accuracy_score(labels, predicted),
            "balanced_accuracy": reference.balanced_accuracy_score(labels, predicted),
            "macro_f1": reference.f1_score(labels, predicted, average="macro"),
            "roc_auc": reference.roc_auc_score(labels, probabilities, multi_class="ovr"),
            "average_precision": reference.average_precision_score(classes, probabilities),
            "brier_score": np.mean(np.sum((probabilities - classes) ** 2, axis=1)),
            **of_each(labels, predicted, Three.names),
        }
    )
    confusion = Three().pictures(labels, probabilities)["confusion"]
    assert confusion == reference.confusion_matrix(labels, predicted).tolist()


def test_figures_of_ratings_are_those_of_scikit_learn_and_scipy() -> None:
    random = np.random.default_rng(1)
    target = Score(lowest=1, highest=5)
    ratings = random.integers(1, 6, 400).astype(np.float64)
    predicted = np.clip(ratings + random.normal(0, 1, 400), 1, 5)
    found = figures(target, ((ratings - 1) / 4).astype(np.float32), (predicted - 1) / 4)
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
    found = figures(target, same, np.linspace(0, 1, 9))
    assert np.isnan([found["r2"], found["spearman"]]).all()
    rising = np.linspace(0, 1, 9, dtype=np.float32)
    assert np.isnan(figures(target, rising, np.full(9, 0.5))["spearman"])


def test_a_lower_error_is_a_better_one() -> None:
    target, ratings = Score(lowest=1, highest=5), np.tile([0, 0.25, 1], 50).astype(np.float32)
    near, far = (np.clip(ratings + off, 0, 1) for off in (0.05, 0.2))
    settings = EvaluateSettings(bootstrap_samples=50)
    report = evaluate(ratings, {"network": near, "baseline": far}, settings, both(target))
    assert report["difference"]["value"] > 0
    assert report["difference"]["interval"][0] > 0
    assert [row["rating"] for row in report["network"]["by_rating"]] == [1, 2, 5]


def test_ranks_of_a_resample_are_those_of_its_rows() -> None:
    random = np.random.default_rng(1)
    target, labels = Score(lowest=0, highest=1), random.integers(0, 5, 200).astype(np.float32) / 4
    predicted = random.random(200).round(1)
    rows = random.integers(0, 200, 200)
    found = figures(target, labels, predicted, np.bincount(rows, minlength=200).astype(float))
    assert found["spearman"] == pytest.approx(spearmanr(labels[rows], predicted[rows]).statistic)


def test_mcnemar_counts_where_only_one_is_right() -> None:
    first, second = np.array([1.0] * 8 + [0.0] * 4), np.array([0.0] * 7 + [1.0] * 3 + [0.0] * 2)
    found = compare(first, second)
    assert (found["first"], found["second"]) == (7, 2)
    assert found["p_value"] == pytest.approx(0.1797, abs=1e-4)
    assert compare(first, first) == {"first": 0, "second": 0, "p_value": 1.0}


def cautions_of(
    labels: np.ndarray,
    network: np.ndarray,
    baseline: np.ndarray,
    seen: int = 0,
    target: Target = BINARY,
    groups_ignored: int = 0,
    *,
    is_reversed: bool = False,
    by_hand: int = 0,
) -> list[str]:
    """The kinds of cautions, with the first examples seen before."""
    predicted = {"network": network, "baseline": baseline}
    metrics = evaluate(labels, predicted, EvaluateSettings(bootstrap_samples=100), both(target))
    same = np.arange(len(labels)) < seen
    leakage = describe_leakage(same, ~same & False, target.each(labels, network), 0)
    found = cautions(metrics, leakage, labels, target, groups_ignored, is_reversed=is_reversed,
                     by_hand=by_hand)  # fmt: skip
    return [one["kind"] for one in found]


def test_nothing_speaks_against_a_good_model(labels: np.ndarray) -> None:
    good = np.where(noisy(labels, 0.3) > 0.5, 0.83, 0.17)
    assert cautions_of(labels, good, noisy(labels, 0.5, 3)) == []


def test_each_reason_for_caution_is_found(labels: np.ndarray) -> None:
    good, bad = noisy(labels, 0.2), noisy(labels, 0.6, 3)
    assert "worse_than_baseline" in cautions_of(labels, bad, good)
    assert "few_examples" in cautions_of(labels[:10], good[:10], bad[:10])
    assert "leak" in cautions_of(labels, good, bad, seen=5)
    assert cautions_of(labels, good, bad, by_hand=len(labels) // 10 + 1)[0] == "by_hand"
    assert "by_hand" not in cautions_of(labels, good, bad, by_hand=len(labels) // 10)
    assert cautions_of(labels, good, bad, groups_ignored=3)[0] == "groups_ignored"
    assert cautions_of(labels, good, bad, is_reversed=True)[0] == "reversed"
    assert "no_better_than_one_answer" in cautions_of(labels, 1 - labels * 0.6, bad)
    assert "miscalibrated" in cautions_of(labels, np.where(bad > 0.5, 1, 0.0), good)


def test_precision_and_recall_of_complaints_are_those_of_scikit_learn(labels: np.ndarray) -> None:
    predicted = noisy(labels, 0.4).round(2)
    curve = BINARY.pictures(labels, predicted)["precision_recall"]
    precision, recall, _ = reference.precision_recall_curve(labels == 0, 1 - predicted)
    known = set(zip(recall.tolist(), precision.tolist(), strict=True))
    assert set(zip(curve["recall"], curve["precision"], strict=True)) <= known
    assert curve["recall"] == sorted(curve["recall"])
    assert curve["share"] == np.mean(labels == 0)


def test_a_test_split_of_one_class_has_no_roc_auc_and_a_caution() -> None:
    one_class, probability = np.ones(200, np.float32), np.linspace(0.3, 1, 200)
    predicted = {"network": probability, "baseline": probability}
    report = evaluate(one_class, predicted, EvaluateSettings(bootstrap_samples=20))
    assert not {"roc_auc", "average_precision"} & report["network"]["figures"].keys()
    assert report["network"]["roc"] == report["network"]["precision_recall"] == {}
    assert "one_class" in cautions_of(one_class, probability, probability)


def test_ratings_that_are_no_better_than_their_mean_have_a_caution() -> None:
    ratings = np.tile([0, 0.25, 1], 50).astype(np.float32)
    target, mean = Score(lowest=1, highest=5), np.full(150, ratings.mean(), np.float64)
    assert "no_better_than_the_mean" in cautions_of(ratings, mean + 0.01, mean, target=target)


def test_figures_can_be_computed_from_the_table_of_predictions(labels: np.ndarray) -> None:
    predicted = {"network": noisy(labels, 0.3), "baseline": noisy(labels, 0.5, 3)}
    ids = pa.chunked_array([[f"s:{row}" for row in range(400)]])
    table = predictions_table(ids, ["글"] * 400, labels, predicted, both(BINARY))
    report = evaluate(labels, predicted, EvaluateSettings(bootstrap_samples=10))
    truth = table["label"].to_pylist()
    for name, model in {"network": report["network"], "baseline": report["baseline"]}.items():
        found = model["figures"]
        answers = table[f"{name}_label"].to_pylist()
        assert found["accuracy"]["value"] == reference.accuracy_score(truth, answers)
        assert found["roc_auc"]["value"] == pytest.approx(
            reference.roc_auc_score(truth, table[f"{name}_probability"].to_numpy())
        )
    assert table["id"].to_pylist()[1] == "s:1"


def test_each_model_of_skewed_reviews_is_judged_by_its_own_threshold() -> None:
    labels = (np.arange(1000) % 40 > 0).astype(np.float32)
    predicted = np.where(labels == 1, 0.95, 0.7)
    report = evaluate(
        labels,
        {"network": predicted, "baseline": predicted},
        EvaluateSettings(bootstrap_samples=100),
        {"network": Binary(threshold=0.8), "baseline": BINARY},
    )
    network, baseline = report["network"], report["baseline"]
    assert network["confusion"] == [[25, 0], [0, 975]]
    assert baseline["confusion"] == [[0, 25], [0, 975]]
    alone = reference.f1_score(labels, np.ones(1000), average="macro", zero_division=0)
    assert baseline["figures"]["macro_f1"]["value"] == pytest.approx(alone)
    assert report["difference"]["value"] == pytest.approx(1 - alone)
    assert report["difference"]["interval"][0] > 0.4
    assert (report["mcnemar"]["first"], report["mcnemar"]["second"]) == (25, 0)
    assert network["figures"]["roc_auc"] == baseline["figures"]["roc_auc"]
    assert network["reliability"] == baseline["reliability"]


def test_a_sample_without_the_rare_class_counts_against_the_model() -> None:
    labels = np.ones(200, np.float32)
    labels[0] = 0
    perfect = {"network": labels.astype(float), "baseline": labels.astype(float)}
    report = evaluate(labels, perfect, EvaluateSettings(bootstrap_samples=200))
    assert report["network"]["figures"]["macro_f1"] == {"value": 1.0, "interval": [0.5, 1.0]}
