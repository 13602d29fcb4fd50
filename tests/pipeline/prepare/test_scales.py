"""Ratings of several sources, which must be out of the same number."""

from __future__ import annotations

import pytest

from pipeline.errors import DataError
from pipeline.prepare.labels import check_scales
from pipeline.settings import LabelSettings

FIVE = [1.0, 3.0, 5.0] * 20
TEN = [2.0, 7.0, 10.0] * 20


def check(settings: LabelSettings, **ratings: list[float]) -> None:
    sources = [name for name, own in ratings.items() for _ in own]
    check_scales(sources, [one for own in ratings.values() for one in own], settings)


def test_different_scales_are_refused() -> None:
    message = (
        "^ratings are out of 5 in a and out of 10 in b: convert them to one scale with the rat"
    )
    with pytest.raises(DataError, match=message):
        check(LabelSettings(), b=TEN, a=FIVE)


def test_a_scale_that_is_set_is_believed() -> None:
    check(LabelSettings(scale=10), b=TEN, a=FIVE)


def test_a_few_ratings_do_not_show_their_scale() -> None:
    check(LabelSettings(), b=TEN, a=FIVE[:20])


def test_sources_without_ratings_have_no_scale() -> None:
    check_scales(["a"] * 60 + ["b"] * 60, [*TEN, *[None] * 60], LabelSettings())
