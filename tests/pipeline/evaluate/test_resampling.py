"""Bootstrap samples of a test split and of a cross-validation."""

import numpy as np
import pytest

from pipeline.evaluate.resampling import Resampling
from pipeline.prepare.tested import UnderTest

GROUPS = ["가"] * 30 + ["나"] * 20 + [""] * 50
LABELS = np.zeros(100, np.float32)


def examples(*, folds: bool) -> UnderTest:
    numbers = np.arange(100) % 5 if folds else None
    texts = [f"글 {number}" for number in range(100)]
    return UnderTest(texts, texts, GROUPS, LABELS, numbers)


def test_a_test_split_is_drawn_one_by_one() -> None:
    own = Resampling.of(examples(folds=False))
    weights, random = own.draw(np.random.default_rng(1)), np.random.default_rng(1)
    assert np.array_equal(weights, np.bincount(random.integers(0, 100, 100), minlength=100))
    draws = np.random.default_rng(2).normal(size=1_000)
    assert own.interval(0.5, draws.tolist()) == np.percentile(draws, (2.5, 97.5)).tolist()


def test_groups_of_a_cross_validation_are_drawn_as_a_whole() -> None:
    own = Resampling.of(examples(folds=True))
    random = np.random.default_rng(1)
    for _ in range(20):
        weights = own.draw(random)
        assert len(set(weights[:30])) == len(set(weights[30:50])) == 1
    assert len(set(weights[50:])) > 1
    part = own.take(np.arange(100) >= 40).draw(random)
    assert part.shape == (60,)
    assert len(set(part[:10])) == 1


def test_bounds_of_five_folds_are_half_as_far_again_within_the_limits() -> None:
    own = Resampling.of(examples(folds=True))
    assert own.widening == pytest.approx(1.5)
    draws = np.linspace(0.7, 0.9, 1_001)
    assert own.interval(0.8, draws.tolist()) == pytest.approx([0.6575, 0.9425])
    assert own.interval(0.8, draws.tolist(), (0, 0.9)) == pytest.approx([0.6575, 0.9])


def test_intervals_cover_what_another_training_set_would_give() -> None:
    """Errors that all rows of a fold share make row-wise intervals too narrow."""
    random, covered = np.random.default_rng(3), {1.0: 0, 1.5: 0}
    for _ in range(200):
        shared = np.repeat(random.normal(scale=0.06, size=5), 40)
        right = (random.random(200) < 0.8 + shared).astype(float)
        for widening in covered:
            own = Resampling(np.arange(200), widening)
            drawn = [np.average(right, weights=own.draw(random)) for _ in range(60)]
            low, high = own.interval(right.mean(), drawn)
            covered[widening] += low <= 0.8 <= high
    assert covered[1.0] < covered[1.5]
    assert covered[1.5] >= 185
