"""Neutral reviews: how positive they are, and which of them teach nothing."""

import pytest

from pipeline.prepare.labels import label_reviews
from pipeline.prepare.neutral import only_tested, positivity
from pipeline.settings import LabelSettings


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        ([1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0], [None, None, 0.25, 0.5, 0.75, None, None]),
        ([4.0, 5.0, 8.0, 9.0, 10.0], [None, 0.2, 0.8, None, None]),
        ([2.0, 4.0, 6.0, 8.0, 10.0], [None, None, 0.5, None, None]),
        ([5.0, None, 1.0], [None, None, None]),
    ],
)
def test_a_rating_between_is_as_positive_as_it_is_near_the_positive_ones(
    ratings: list[float | None], expected: list[float | None]
) -> None:
    given: list[int | None] = [None] * len(ratings)
    target, _, rule = label_reviews(ratings, given, LabelSettings())
    assert positivity(ratings, given, target, rule) == pytest.approx(expected)


def test_what_the_source_calls_neutral_is_half_positive_whatever_its_rating() -> None:
    ratings, given = [5.0, 3.0, 3.0, None], [2, 0, None, 2]
    target, _, rule = label_reviews(ratings, given, LabelSettings())
    assert positivity(ratings, given, target, rule) == [0.5, None, 0.5, 0.5]
    target, _, rule = label_reviews([None], [2], LabelSettings())
    assert positivity([None], [2], target, rule) == [0.5]


@pytest.mark.parametrize("kind", ["three", "score"])
def test_none_is_neutral_where_the_target_knows_what_is_between(kind: str) -> None:
    ratings, given = [1.0, 3.0, 5.0], [None, None, None]
    target, _, rule = label_reviews(ratings, given, LabelSettings.model_validate({"target": kind}))
    assert positivity(ratings, given, target, rule) == [None, None, None]


def test_groups_are_only_tested_if_no_other_split_has_them() -> None:
    groups, splits = ["a", "a", "b", "c", ""], ["train", "test", "test", "validation", "test"]
    assert only_tested(groups, splits) == {"b"}
