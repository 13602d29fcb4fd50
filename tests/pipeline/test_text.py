"""Labels."""

from typing import Literal

import numpy as np
import pytest

from pipeline.errors import DataError
from pipeline.prepare.labels import THRESHOLDS, label_reviews, rating_scale, sentiment, thresholds
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, SCALES
from pipeline.settings import LabelSettings
from pipeline.target.score import Score


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([1, 2, 3, 4, 5], [0, 0, 2, 1, 1]),
        ([1, 4, 5, 8, 9, 10], [0, 0, 2, 2, 1, 1]),
        ([2, 4, 6, 8, 10], [0, 0, 2, 1, 1]),
        ([20, 40, 60, 80, 100], [0, 0, 2, 1, 1]),
        ([0, 41, 79, 85], [0, 2, 2, 1]),
    ],
)
def test_default_thresholds_of_each_scale(ratings: list[float], expected: list[int]) -> None:
    limits = thresholds(rating_scale(ratings, LabelSettings()), LabelSettings(), ratings)
    assert [sentiment(rating, *limits) for rating in ratings] == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("binary", [0, None, 1, None, 0, None, 1]),
        ("three", [0, 1, 2, None, 0, 1, 2]),
        ("score", [0.25, 0.5, 1, None, None, None, 0]),
    ],
)
def test_labels_of_each_target(
    target: Literal["binary", "three", "score"], expected: list[float | None]
) -> None:
    ratings = [2.0, 3.0, 5.0, None, None, None, 1.0]
    given = [None, None, None, None, NEGATIVE, NEUTRAL, POSITIVE]
    found, labels, rule = label_reviews(ratings, given, LabelSettings(target=target))
    thresholds = {"scale": 5, "negative_max": 2, "positive_min": 4}
    assert rule.thresholds == (None if target == "score" else thresholds)
    assert labels == expected
    assert found.kind == target


@pytest.mark.parametrize(
    ("ratings", "bounds"), [([0.5, 5], (0, 5)), ([1, 10], (1, 10)), ([2, 4], (1, 5))]
)
def test_scores_are_scaled_to_the_ends_of_the_scale(
    ratings: list[float], bounds: tuple[float, float]
) -> None:
    target, labels, _ = label_reviews(ratings, [None, None], LabelSettings(target="score"))
    assert isinstance(target, Score)
    assert (target.lowest, target.highest) == bounds
    assert target.truths(np.array(labels, np.float32)) == ratings


def test_a_score_needs_at_least_two_different_ratings() -> None:
    settings = LabelSettings(target="score")
    with pytest.raises(DataError, match=r"label\.target = score needs ratings, and the source"):
        label_reviews([None, None], [POSITIVE, NEGATIVE], settings)
    with pytest.raises(DataError, match="all 2 ratings are 5"):
        label_reviews([5, 5], [None, None], settings)


def test_thresholds_can_be_set() -> None:
    settings = LabelSettings(negative_max=3, positive_min=3.5)
    assert sentiment(3, *thresholds(5, settings)) == NEGATIVE
    with pytest.raises(DataError, match=r"negative_max 2 is not below label\.positive_min 1\.5"):
        thresholds(5, LabelSettings(positive_min=1.5))


@pytest.mark.parametrize(
    ("ratings", "culprit"),
    [([3, 11], "11"), ([-1, 3], "-1"), ([3, 4, 50], "50"), ([60, 101], "101")],
)
def test_a_rating_off_the_scale_is_named(ratings: list[float], culprit: str) -> None:
    with pytest.raises(DataError, match=f"a rating of {culprit} does not fit"):
        rating_scale(ratings, LabelSettings())


def test_a_scale_can_be_set() -> None:
    assert rating_scale([3, 4, 50], LabelSettings(scale=100)) == 100
    assert THRESHOLDS.keys() == set(SCALES)
