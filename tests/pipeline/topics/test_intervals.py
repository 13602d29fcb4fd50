"""Intervals of shares, against published figures and their definitions."""

import numpy as np
import pytest

from pipeline.topics.intervals import Z, difference, wilson
from pipeline.topics.rating_effect import MIN_MENTIONS, rating_effects


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_figures_of_newcombe(
    successes: int, trials: int, low: float, high: float
) -> None:
    found = wilson(successes, trials)
    assert found.value == successes / trials
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_difference_of_two_shares_gives_the_figures_of_newcombe() -> None:
    found = difference(wilson(48, 80), wilson(56, 70))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_rating_effects_are_those_of_least_squares_with_robust_errors() -> None:
    generator = np.random.default_rng(0)
    has = generator.random((3000, 2)) < [0.3, 0.2]
    ratings = 4 + has @ [0.5, -1.5] + generator.normal(size=3000) * (1 + has[:, 0])
    topics, reviews = np.nonzero(has.T)
    found = rating_effects(topics, reviews, ratings, 2)

    design = np.column_stack([np.ones(3000), has])
    bread = np.linalg.inv(design.T @ design)
    effects = bread @ design.T @ ratings
    residuals = ratings - design @ effects
    meat = (design.T * residuals**2) @ design * 3000 / 2997
    errors = np.sqrt(np.diag(bread @ meat @ bread))
    for place, interval in enumerate(found, start=1):
        assert interval is not None
        expected = effects[place] + Z * errors[place] * np.array([0, -1, 1])
        assert (interval.value, interval.low, interval.high) == pytest.approx(expected, abs=0.005)


def test_an_effect_is_adjusted_for_topics_that_occur_together() -> None:
    generator = np.random.default_rng(1)
    cause = generator.random(4000) < 0.3
    companion = np.where(cause, generator.random(4000) < 0.8, generator.random(4000) < 0.1)
    ratings = 5 - 2.0 * cause + generator.normal(size=4000)
    topics, reviews = np.nonzero(np.array([cause, companion]))
    first, second = rating_effects(topics, reviews, ratings, 2)
    assert first is not None and second is not None
    assert first.high < -1.8
    assert abs(second.value) < 0.2


def test_topics_with_few_rated_mentions_have_no_effect() -> None:
    ratings = np.full(100, np.nan)
    ratings[: MIN_MENTIONS - 1] = 3
    assert rating_effects(np.zeros(100, int), np.arange(100), ratings, 1) == [None]
    assert rating_effects(np.zeros(100, int), np.arange(100), np.full(100, np.nan), 1) == [None]
