"""Prediction targets: links, labels, predictions."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from pipeline.target.base import Target
from pipeline.target.binary import BINARY, Binary
from pipeline.target.kinds import read_target
from pipeline.target.output import Link, Logistic, Softmax
from pipeline.target.score import Score
from pipeline.target.three import Three

FIVE_STARS = Score(lowest=1, highest=5)
TARGETS: list[Target] = [BINARY, Three(), FIVE_STARS]
PREDICTED = {
    "binary": np.array([0.2, 0.5, 0.9]),
    "three": np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]),
    "score": np.array([0.0, 0.55, 1.0]),
}


@pytest.mark.parametrize("link", [Logistic(), Softmax(3)])
def test_logits_invert_probabilities(link: Link) -> None:
    shape = (5,) if link.outputs == 1 else (5, link.outputs)
    probabilities = link.probabilities(np.random.default_rng(1).normal(size=shape))
    assert link.probabilities(link.logits(probabilities)) == pytest.approx(probabilities)
    assert np.isfinite(link.logits(np.zeros(shape))).all()


@pytest.mark.parametrize(
    ("link", "labels"),
    [(Logistic(), [0, 1, 0.3, 0.75]), (Softmax(3), [0, 2, 1, 1])],
)
def test_cross_entropy_equals_the_keras_loss(link: Link, labels: list[float]) -> None:
    shape = (4,) if link.outputs == 1 else (4, link.outputs)
    logits = np.random.default_rng(1).normal(size=shape)
    truth = np.array(labels, np.float32)
    outputs = link.probabilities(logits).reshape(4, -1).astype(np.float32)
    loss = np.asarray(link.loss(truth[:, None], outputs))
    assert link.cross_entropy(logits, truth) == pytest.approx(loss, abs=1e-5)


@pytest.mark.parametrize(
    ("link", "labels", "shares"),
    [
        (Logistic(), [1, 1, 1, 0], [0.75]),
        (Logistic(), [0.5, 0.7, 0.5, 0.7], [0.6]),
        (Softmax(3), [0, 2, 2, 1], [0.25, 0.25, 0.5]),
    ],
)
def test_the_prior_is_the_mean_label(link: Link, labels: list[float], shares: list[float]) -> None:
    prior = np.array(link.prior_logits(np.array(labels, np.float32), np.ones(4)))
    found = link.probabilities(prior if link.outputs == 1 else prior[None])
    assert found.ravel() == pytest.approx(shares)


def test_the_prior_is_weighted() -> None:
    weights = np.array([1.0, 1, 1, 3])
    assert Logistic().prior_logits(np.array([1, 1, 1, 0], np.float32), weights) == [0]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_round_trips_through_its_file(target: Target, tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text(target.model_dump_json(), encoding="utf-8")
    assert read_target(tmp_path / "target.json") == target


@pytest.mark.parametrize("target", [BINARY, Three()])
def test_files_without_a_rule_have_the_default_one(target: Target, tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text(f'{{"kind": "{target.kind}"}}', encoding="utf-8")
    assert read_target(tmp_path / "target.json") == target


def test_the_threshold_decides_and_leaves_the_probabilities() -> None:
    target = Binary(threshold=0.8)
    answers = target.answers(np.array([0.79, 0.8]))
    assert [answer["label"] for answer in answers] == ["negative", "positive"]
    assert [answer["probability"] for answer in answers] == [0.79, 0.8]
    labels = np.array([1, 1], np.float32)
    assert target.each(labels, np.array([0.79, 0.8])).tolist() == [0, 1]
    assert target.errors(labels, np.array([0.79, 0.8])) == pytest.approx([0.21, 0])
    assert target.is_positive(np.array([0.79, 0.8])).tolist() == [False, True]
    assert target.pictures(labels, np.array([0.79, 0.8]))["confusion"] == [[0, 0], [1, 1]]
    outputs = np.array([[0.79], [0.8]], np.float32)
    assert np.asarray(target.score(labels[:, None], outputs)).tolist() == [False, True]
    assert (target.rule, target.undecided) == ("positive from 0.8", BINARY)


def test_the_weights_of_three_classes_decide() -> None:
    target, labels = Three(decision_weights=(4, 1, 1)), np.array([0, 1, 2], np.float32)
    predicted = np.array([[0.2, 0.3, 0.5], [0.1, 0.5, 0.4], [0.1, 0.2, 0.7]])
    answers = target.answers(predicted)
    assert [answer["label"] for answer in answers] == ["negative", "neutral", "positive"]
    assert answers[0]["probability"] == 0.2
    assert target.each(labels, predicted).tolist() == [1, 1, 1]
    assert Three().each(labels, predicted).tolist() == [0, 1, 1]
    found = target.score(labels[:, None], predicted.astype(np.float32))
    assert np.asarray(found).tolist() == [True, True, True]
    assert target.rule == "probabilities weighted 4 : 1 : 1"
    assert target.undecided == Three()


def test_a_threshold_lies_between_0_and_1() -> None:
    with pytest.raises(ValidationError):
        Binary(threshold=1)
    with pytest.raises(ValidationError):
        Three(decision_weights=(0, 1, 1))


@pytest.mark.parametrize("target", TARGETS)
def test_answers_have_the_columns_of_the_target(target: Target) -> None:
    answers = target.answers(PREDICTED[target.kind])
    assert [tuple(answer) for answer in answers] == [target.columns] * 3


def test_the_most_probable_of_three_classes_is_the_label() -> None:
    answers = Three().answers(PREDICTED["three"])
    assert [answer["label"] for answer in answers] == ["negative", "neutral", "positive"]
    assert [answer["probability"] for answer in answers] == [0.6, 0.5, 0.8]
    assert answers[1]["probability_positive"] == 0.3


def test_scores_are_on_the_scale_of_the_source() -> None:
    scores = [answer["score"] for answer in FIVE_STARS.answers(PREDICTED["score"])]
    assert scores == pytest.approx([1, 3.2, 5])
    assert FIVE_STARS.label_of(3) == 0.5


@pytest.mark.parametrize(
    ("target", "labels", "errors"),
    [
        (BINARY, [0, 0, 0], [0, 0.5, 0.9]),
        (Three(), [0, 2, 0], [0, 0.5, 0.8]),
        (FIVE_STARS, [0, 0.5, 0], [0, 0.2, 4]),
    ],
)
def test_errors_grow_with_the_confidence_of_wrong_predictions(
    target: Target, labels: list[float], errors: list[float]
) -> None:
    found = target.errors(np.array(labels, np.float32), PREDICTED[target.kind])
    assert found == pytest.approx(errors)


@pytest.mark.parametrize(
    ("target", "labels", "scores"),
    [
        (BINARY, [0, 1, 0], [1, 1, 0]),
        (Three(), [0, 2, 2], [1, 0, 1]),
        (FIVE_STARS, [0.25, 0.55, 0], [1, 0, 4]),
    ],
)
def test_score_is_the_metric_of_each_example(
    target: Target, labels: list[float], scores: list[float]
) -> None:
    outputs = PREDICTED[target.kind].reshape(3, -1).astype(np.float32)
    found = np.asarray(target.score(np.array(labels, np.float32)[:, None], outputs))
    assert found.astype(float) == pytest.approx(scores, abs=1e-6)
