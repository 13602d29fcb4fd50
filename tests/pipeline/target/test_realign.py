"""Predictions of models with different decision rules, brought to one."""

import numpy as np
import pytest

from pipeline.target.base import Target
from pipeline.target.binary import Binary
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.target.thresholds import realign

RANDOM = np.random.default_rng(1)
SHARES = RANDOM.dirichlet([1, 1, 1], 200)


@pytest.mark.parametrize(
    ("own", "to", "predicted"),
    [
        (Binary(threshold=0.83), Binary(threshold=0.4), RANDOM.random(200)),
        (Three(decision_weights=(3, 2, 1)), Three(decision_weights=(1, 1.5, 1)), SHARES),
    ],
)
def test_the_common_rule_decides_as_their_own(
    own: Binary | Three, to: Binary | Three, predicted: np.ndarray
) -> None:
    shifted = realign(predicted, own, to)
    assert np.array_equal(to.classes(shifted), own.classes(predicted))
    assert not np.allclose(shifted, predicted)
    assert realign(predicted, own, own) is predicted


@pytest.mark.parametrize(
    ("target", "predicted"),
    [
        (Binary(), RANDOM.random(9)),
        (Three(), SHARES[:9]),
        (Score(lowest=1, highest=5), RANDOM.random(9)),
    ],
)
def test_answers_give_the_predictions_back(target: Target, predicted: np.ndarray) -> None:
    rows = target.answers(predicted)
    columns = {name: np.array([row[name] for row in rows]) for name in target.columns}
    assert np.allclose(target.predicted(columns), predicted)
    assert realign(predicted, target, target) is predicted
