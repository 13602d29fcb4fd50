import random
from datetime import UTC, date, datetime, timedelta

import pytest

from pipeline.crawl.parse.dates import SEOUL, is_relative, parse_date

TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    "text",
    [
        "2026.11.23",
        "2026.11.23.",
        "2026. 11. 23. 오후 3:20",
        "2026-11-23T10:00:00Z",
        "2026-11-23T23:59:59.123+09:00",
        "2026/11/23",
        "2026-11-23 00:10:00",
        "26.11.23",
        "26/11/23 10:20",
        "2026년 11월 23일",
        "2026년11월23일 방문",
        "작성일 2026.11.23 (월)",
        "20261123",
        "20261123102030",
        "２０２６．１１．２３",
        "11.23",
        "11.23.",
        "11-23 10:20",
        "11월 23일",
        "7일 전",
        "일주일 전",
        "1주 전",
        "168시간 전",
        "1795424400",
        1795424400,
        1795424400.5,
        1795424400000,
        "1795424400000",
    ],
)
def test_formats_of_dates(text: str | float) -> None:
    assert parse_date(text, TODAY) == "2026-11-23"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("방금", "2026-11-30"),
        ("방금 전", "2026-11-30"),
        ("12분 전", "2026-11-30"),
        ("5시간 전", "2026-11-30"),
        ("14:20", "2026-11-30"),
        ("오전 9:05", "2026-11-30"),
        ("오늘", "2026-11-30"),
        ("어제 10:20", "2026-11-29"),
        ("하루 전", "2026-11-29"),
        ("그저께", "2026-11-28"),
        ("3일 전", "2026-11-27"),
        ("3일전", "2026-11-27"),
        ("2주 전", "2026-11-16"),
        ("1개월 전", "2026-10-30"),
        ("한 달 전", "2026-10-30"),
        ("9개월 전", "2026-02-28"),
        ("2년 전", "2024-11-30"),
        ("11.30", "2026-11-30"),
        ("12.1", "2025-12-01"),
        ("12월 31일", "2025-12-31"),
        ("98.1.5", "1998-01-05"),
    ],
)
def test_relative_dates(text: str, expected: str) -> None:
    assert parse_date(text, TODAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "평점",
        "전",
        "2026.13.45",
        "2026.2.30",
        "20261345",
        "11.31",
        "2.29",
        "2026-11-231",
        "1.2.3.4",
        "9999년 전",
        "0001-01-01T00:00:00",
        "12345678901234567890",
        float("nan"),
        1e300,
        "9" * 100_000,
    ],
)
def test_invalid_dates_are_empty(text: str | float) -> None:
    assert parse_date(text, TODAY) == ""


def test_round_trip_of_random_dates() -> None:
    chance = random.Random(7)  # noqa: S311
    for _ in range(300):
        day = TODAY - timedelta(days=chance.randrange(9_000))
        for spelling in ("{0:%Y.%m.%d}", "{0.year}. {0.month}. {0.day}.", "{0:%y-%m-%d}"):
            assert parse_date(spelling.format(day), TODAY) == day.isoformat()
        assert parse_date(f"{(TODAY - day).days}일 전", TODAY) == day.isoformat()
        moment = datetime(day.year, day.month, day.day, chance.randrange(24), tzinfo=SEOUL)
        assert parse_date(moment.timestamp(), TODAY) == day.isoformat()
        assert parse_date(moment.astimezone(UTC).timestamp() * 1000, TODAY) == day.isoformat()


def test_relative_dates_are_recognized() -> None:
    assert all(map(is_relative, ("3일 전", "어제", "14:20", "한 달 전", "방금 전", "이틀 전")))
    assert not any(map(is_relative, ("2026.11.23 (3일 전)", "11.23 14:20", "1795424400", "")))
