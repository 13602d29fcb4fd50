"""Temperature scaling."""

import numpy as np
import pytest

from pipeline.model.calibration import MAX_TEMPERATURE, temperature
from pipeline.target.output import Logistic, Softmax


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_is_the_factor_of_overconfidence(factor: float) -> None:
    random = np.random.default_rng(1)
    logits = random.normal(size=20_000) * 2
    labels = (random.random(len(logits)) < Logistic().probabilities(logits)).astype(np.float32)
    found = temperature(factor * logits, labels, np.ones(len(logits)), Logistic())
    assert found == pytest.approx(factor, rel=0.05)


def test_one_temperature_for_all_classes() -> None:
    random = np.random.default_rng(1)
    logits = random.normal(size=(20_000, 3))
    cumulated = Softmax(3).probabilities(logits).cumsum(axis=1)
    labels = (random.random((len(logits), 1)) > cumulated).sum(axis=1).astype(np.float32)
    found = temperature(2 * logits, labels, np.ones(len(logits)), Softmax(3))
    assert found == pytest.approx(2, rel=0.1)


def test_few_examples_stay_near_a_temperature_of_one() -> None:
    none = np.empty(0)
    unknown = temperature(none, none.astype(np.float32), none, Logistic())
    assert unknown == pytest.approx(1, abs=1e-3)
    all_right = np.full(5, 4.0)
    labels = np.ones(5, np.float32)
    assert 1 / MAX_TEMPERATURE < temperature(all_right, labels, np.ones(5), Logistic()) <= 1
