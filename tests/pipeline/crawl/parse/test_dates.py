import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

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
        "202611231020",
        "20261123T102030",
        "20261123 10:20:30",
        "20261123.0",
        20261123,
        20261123.0,
        date(2026, 11, 23),
        datetime(2026, 11, 23, 23, 59, 59),
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        "Nov 23, 2026",
        "Nov. 23 2026 10:20 PM",
        "november 23rd, 2026",
        "23 Nov 2026",
        "23-Nov-2026",
        "Mon, 23 November, 2026",
        "Mon Nov 23 2026 10:20:30 GMT+0900 (KST)",
        "2026-11-22T15:00:00Z",
        "2026-11-22T15:00:00.000+00:00",
        "2026-11-22 15:00:00 UTC",
        "2026-11-22 08:00-0700",
        "20261122T150000Z",
        "Sun, 22 Nov 2026 15:00:00 GMT",
        "2026-11-23T01:00:00+09:00[Asia/Seoul]",
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
def test_formats_of_dates(text: object) -> None:
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
        "9999-12-31",
        "9876543210",
        "뒤집기",
        "45123",
        45123,
        "45123.5",
        4.5,
        11.23,
        True,
        "03/07/2026",
        "13/07/2026",
        "7/3/2026 10:20",
        "03-07-2026",
        "3.7.2026",
        "03/07/26",
        "7/3/26",
        "2026-11",
        "2026년 11월",
        "Nov 31, 2026",
        "Market 3, 2026",
        "오늘의집",
        "3일 전에 샀어요",
        "평점 4.5점",
        float("nan"),
        1e300,
        "9" * 100_000,
    ],
)
def test_invalid_dates_are_empty(text: object) -> None:
    assert parse_date(text, TODAY) == ""


@pytest.mark.parametrize(
    ("written", "seoul", "new_york"),
    [
        ("2026-07-02T16:00:00Z", "2026-07-03", "2026-07-02"),
        ("2026-07-03T00:30:00+09:00", "2026-07-03", "2026-07-02"),
        (1783008000, "2026-07-03", "2026-07-02"),
        ("1783008000000", "2026-07-03", "2026-07-02"),
        ("2026-07-03 00:30:00", "2026-07-03", "2026-07-03"),
        ("2026.7.3", "2026-07-03", "2026-07-03"),
        ("2일 전", "2026-11-28", "2026-11-28"),
    ],
)
def test_a_time_with_a_zone_is_a_day_in_the_zone_of_the_source(
    written: str | float, seoul: str, new_york: str
) -> None:
    assert parse_date(written, TODAY, ZoneInfo("Asia/Seoul")) == seoul
    assert parse_date(written, TODAY, ZoneInfo("America/New_York")) == new_york


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
