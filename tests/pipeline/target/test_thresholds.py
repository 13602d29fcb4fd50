"""Decision rules chosen on held-out predictions."""

from typing import Any, NamedTuple, Self

import numpy as np
import pytest
from scipy.special import expit, logit, softmax
from sklearn.metrics import balanced_accuracy_score, f1_score

from pipeline.target import thresholds
from pipeline.target.base import Target
from pipeline.target.binary import BINARY, Binary
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.target.thresholds import choose


def skewed(
    rows: int, rare: float, seed: int, scale: float = 1.0, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Labels with a share of negatives, and probabilities; calibrated without scale and shift."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) >= rare).astype(np.float32)
    evidence = 2.4 * ((labels - 0.5) * 2.4 + random.normal(size=rows))
    return labels, expit(scale * (evidence + logit(1 - rare)) + shift)


def macro_f1(target: Target, labels: np.ndarray, predicted: np.ndarray) -> float:
    return target.measure(labels, predicted)(np.ones(len(labels)))


def test_a_sample_of_two_kinds_has_its_threshold_between_them() -> None:
    labels = np.repeat([0, 1], [10, 90]).astype(np.float32)
    predicted = np.where(labels == 1, 0.95, 0.7)
    chosen = choose(BINARY, labels, predicted)
    assert isinstance(chosen, Binary)
    assert 0.7 < chosen.threshold < 0.95
    assert macro_f1(chosen, labels, predicted) == 1


@pytest.mark.parametrize("rare", [0.02, 0.05])
@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.6, 0.0), (1.0, -3.0)])
def test_rare_classes_gain_whatever_the_calibration(
    rare: float, scale: float, shift: float
) -> None:
    test = skewed(100_000, rare, 0, scale, shift)
    chosen = [
        macro_f1(choose(BINARY, *skewed(400, rare, seed, scale, shift)), *test)
        for seed in range(1, 11)
    ]
    best = max(macro_f1(Binary(threshold=expit(cut)), *test) for cut in np.linspace(-3, 5, 81))
    assert np.mean(chosen) > macro_f1(BINARY, *test)
    assert np.mean(chosen) > best - 0.02


def test_even_classes_lose_nothing() -> None:
    test = skewed(100_000, 0.5, 0)
    chosen = [macro_f1(choose(BINARY, *skewed(300, 0.5, seed)), *test) for seed in range(1, 21)]
    assert np.mean(chosen) > macro_f1(BINARY, *test) - 0.003


class Chosen(NamedTuple):
    """What thresholds of small samples do in a large one, in the mean.

    Attributes:
        found: Number of complaints that are found.
        precision: Share of complaints among what is called one.
        macro_f1: Macro-F1.
    """

    found: float
    precision: float
    macro_f1: float

    @classmethod
    def of(cls, rows: int, rare: float) -> Self:
        """By samples of so many rows and this share of complaints."""
        labels, predicted = skewed(100_000, rare, 0)
        chosen = [choose(BINARY, *skewed(rows, rare, seed)) for seed in range(1, 11)]
        called = [predicted < one.threshold for one in chosen if isinstance(one, Binary)]
        found = [np.sum(one[labels == 0]) for one in called]
        precision = [np.mean(labels[one] == 0) for one in called]
        values = [macro_f1(one, labels, predicted) for one in chosen]
        return cls(*(float(np.mean(part)) for part in (found, precision, values)))


@pytest.mark.parametrize(("rows", "rare"), [(1_000, 0.03), (450, 0.08)])
def test_more_rare_complaints_are_found_where_it_costs_little(
    rows: int, rare: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Chosen.of(rows, rare)
    monkeypatch.setattr(thresholds, "NEARLY_BEST", 0.0)
    best = Chosen.of(rows, rare)
    assert few.found > 1.05 * best.found
    assert few.macro_f1 > best.macro_f1 - 2 * 0.005


@pytest.mark.parametrize("rare", [0.03, 0.08])
def test_many_rare_complaints_let_half_of_the_answers_be_false_alarms(
    rare: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = Chosen.of(4_000, rare)
    monkeypatch.setattr(thresholds, "MANY", np.inf)
    few = Chosen.of(4_000, rare)
    assert many.found > 1.03 * few.found
    assert many.precision > 0.48
    assert many.macro_f1 > few.macro_f1 - 0.03


def test_frequent_complaints_have_the_best_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = choose(BINARY, *skewed(2_000, 0.3, 1))
    monkeypatch.setattr(thresholds, "NEARLY_BEST", 0.0)
    assert chosen == choose(BINARY, *skewed(2_000, 0.3, 1))


def test_each_objective_is_met_best_by_its_own_threshold() -> None:
    labels, predicted = skewed(50_000, 0.1, 1, shift=0.7)
    found: dict[str, Any] = {
        objective: choose(BINARY, labels, predicted, objective)
        for objective in ("f1", "balanced", "accurate")
    }
    classes = {name: one.classes(predicted) for name, one in found.items()}
    measures: dict[str, Any] = {
        "f1": lambda one: f1_score(labels, one, average="macro"),
        "balanced": lambda one: balanced_accuracy_score(labels, one),
        "accurate": lambda one: np.mean(labels == one),
    }
    for objective, measure in measures.items():
        assert max(classes, key=lambda name: measure(classes[name])) == objective
    assert found["balanced"].threshold > found["f1"].threshold > found["accurate"].threshold
    assert found["accurate"].threshold == pytest.approx(expit(0.7), abs=0.02)


def test_a_number_is_the_threshold_itself() -> None:
    assert choose(BINARY, *skewed(50, 0.1, 1), 0.7) == Binary(threshold=0.7)


def test_three_classes_get_weights_that_find_the_rare_one() -> None:
    random = np.random.default_rng(1)
    prior = np.log([0.05, 0.15, 0.8])

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        labels = random.choice(3, rows, p=np.exp(prior))
        evidence = 1.5 * (1.5 * np.eye(3)[labels] + random.normal(size=(rows, 3)))
        return labels.astype(np.float32), softmax(0.7 * (evidence + prior), axis=1)

    test = draw(50_000)
    chosen = choose(Three(), *draw(1_000))
    assert isinstance(chosen, Three)
    assert chosen.decision_weights[2] == 1
    assert chosen.decision_weights[0] > 1
    assert macro_f1(chosen, *test) > macro_f1(Three(), *test) + 0.005


def test_nothing_is_chosen_without_examples_of_each_class_or_for_ratings() -> None:
    predicted = np.linspace(0.1, 0.9, 20)
    assert choose(BINARY, np.ones(20, np.float32), predicted) == BINARY
    stars = Score(lowest=1, highest=5)
    assert choose(stars, predicted.astype(np.float32), predicted) == stars
