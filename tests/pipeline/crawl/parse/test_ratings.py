import re

import pytest

from pipeline.crawl.parse.ratings import Rating, parse_rating


@pytest.mark.parametrize(
    ("text", "number", "out_of"),
    [
        ("5", 5, None),
        ("4.50", 4.5, None),
        ("4,0", 4, None),
        ("4,25", 4.25, None),
        (".5", 0.5, None),
        ("5점", 5, None),
        ("5점", 5, None),
        ("4.5점", 4.5, None),
        ("별점 4점", 4, None),
        ("평점5", 5, None),
        ("평점: 4.", 4, None),
        ("별점 4점 (4점)", 4, None),
        ("100", 100, None),
        ("80%", 80, None),
        ("-1", -1, None),
        ("star-4", 4, None),
        ("Rated five stars", 5, None),
        ("★★★★☆", 4, None),
        ("⭐⭐⭐", 3, None),
        ("★★★★½", 4.5, None),
        ("★★★★★ 4.5", 4.5, None),
        ("8/10", 8, 10),
        ("4/5", 4, 5),
        ("4.5 / 5.0", 4.5, 5),
        ("8점/10점", 8, 10),
        ("70/100", 70, 100),
        ("0/5", 0, 5),
        ("별표 5개 만점에 1개를 받았습니다", 1, 5),
        ("별표 5개 만점에 5개를 받았습니다", 5, 5),
        ("5점 만점에 2점", 2, 5),
        ("5점 만점 중 4점", 4, 5),
        ("10점 만점에 7.25점", 7.25, 10),
        ("별점(10점 만점 중)\n10", 10, 10),
        ("4점 (5점 만점)", 4, 5),
        ("5점 중 4점", 4, 5),
        ("별 5개 중에서 4개", 4, 5),
        ("4 out of 5", 4, 5),
        ("4 of 5 stars", 4, 5),
        ("Rated 4.5 stars out of five", 4.5, 5),
        ("Rated five out of five stars", 5, 5),
        ("4.0 out of 5 stars (1,234)", 4, 5),
        ("5점 만점에 4.5점, 리뷰 12개", 4.5, 5),
    ],
)
def test_forms_of_ratings(text: str, number: float, out_of: float | None) -> None:
    assert parse_rating(text) == Rating(number, out_of)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "없음",
        "별셋",
        "nan",
        "inf",
        "☆☆☆☆☆",
        "별점 4.5 (123)",
        "4.5/5 (12)",
        "3-5",
        "4, 5",
        "1,234",
        "1.2.3",
        "1e5",
        "2026.11.23 4점",
        "7/3",
        "3/7",
        "15/20",
        "5점 만점",
        "best of 3",
        "4 out of 5, 3 out of 5",
        "1 " * 200,
    ],
)
def test_a_number_that_is_not_clear_is_no_rating(text: str) -> None:
    assert parse_rating(text) is None


@pytest.mark.parametrize(
    ("text", "pattern", "factor", "number"),
    [
        ("width: 80%", r"width:\s*(\d+)%", 0.05, 4),
        ("별점 4.5 (123)", r"[\d.]+", 1, 4.5),
        ("4,5 (123)", r"[\d,]+", 1, 4.5),
        ("15/20", r"(\d+)/20", 0.5, 7.5),
        ("★★★★", r"\d", 1, 4),
        ("3", r"(\d)|x", 1 / 3, 1),
    ],
)
def test_pattern_and_factor(text: str, pattern: str, factor: float, number: float) -> None:
    assert parse_rating(text, re.compile(pattern), factor) == Rating(number)


def test_a_group_that_is_no_number_is_no_rating() -> None:
    assert parse_rating("x 5", re.compile("x|(5)")) is None
    assert parse_rating("점수", re.compile("(점)")) is None


def test_a_factor_changes_what_a_rating_is_out_of() -> None:
    assert parse_rating("8/10", factor=0.5) == Rating(4)
