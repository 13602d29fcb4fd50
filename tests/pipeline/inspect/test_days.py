"""The day of a review, in the forms that the crawl reads."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.parse.dates import SEOUL
from pipeline.inspect.address import inspect_address
from tests.pipeline.inspect.sites import address, crawled, fields_of
from tests.pipeline.inspect.tables import inspect, write
from tests.site import Site

TEXTS = ["방이 깨끗하고 조용해요", "주차가 힘들었어요", "조식이 맛있어요"]
DAYS = [date(2026, 11, 3), date(2026, 10, 9), date(2025, 1, 30)]
MILLISECONDS = [1793667600123, 1791507600456, 1738198800789]
SECONDS = [1793667600, 1791507600, 1738198800]


def items(**columns: list[Any]) -> list[dict[str, Any]]:
    return [
        {"rating": 5 - row, "content": text, **{name: one[row] for name, one in columns.items()}}
        for row, text in enumerate(TEXTS)
    ]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("regDate", MILLISECONDS),
        ("reviewAt", SECONDS),
        ("createdAt", [str(one) for one in MILLISECONDS]),
        ("regYmdt", [f"{day:%Y%m%d}093000" for day in DAYS]),
        ("rgst_dttm", [int(f"{day:%Y%m%d}093000") for day in DAYS]),
        ("writeDt", [f"{day:%Y%m%d}" for day in DAYS]),
        ("reviewdate", [f"{day:%Y.%m.%d.}" for day in DAYS]),
        ("작성일", [f"{day:%y-%m-%d}" for day in DAYS]),
        ("posted", [f"{day:%b %d, %Y}" for day in DAYS]),
    ],
)
def test_days_in_json(site: Site, tmp_path: Path, name: str, written: list[Any]) -> None:
    others = {"orderNo": [20261103000101, 20261009000555, 20250130000777], "likes": [3, 0, 1]}
    visits = {"visitDate": ["2020-01-01"] * 3, "updatedAt": ["2026-12-01T00:00:00Z"] * 3}
    person = {"user": [{"createdAt": "2019-01-01"}] * 3}
    page = items(**visits, **others, **person, **{name: written})
    assert fields_of(site, page)["date"] == name
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    assert {day for _, _, day in found} == {day.isoformat() for day in DAYS}


@pytest.mark.parametrize(
    "columns",
    [
        {"orderNo": [20261103000101, 20261009000555, 20250130000777]},
        {"serial": MILLISECONDS},
        {"playTime": ["많이", "적게", "보통"]},
        {"date": ["어느 날", "그 날", "다음 날"]},
        {"member": [{"birthDate": f"19{one}-01-02"} for one in (70, 80, 90)]},
    ],
)
def test_numbers_that_are_not_named_as_days(site: Site, columns: dict[str, list[Any]]) -> None:
    assert "date" not in fields_of(site, items(**columns))


def html(form: str, written: list[str]) -> str:
    rows = "".join(
        f"<li class='rv'><p class='t'>{text}</p>{form.format(one, day=day)}{score}</li>"
        for text, one, day, score in zip(
            TEXTS, written, DAYS, (f"<em>{one}점</em>" for one in (5, 3, 4)), strict=True
        )
    )
    return f"<ul>{rows}</ul>"


AGO = [("3일 전", 3), ("어제", 1), ("방금 전", 0)]
TIMES = [("14:20", 0), ("3주 전", 21), ("2일 전", 2)]


@pytest.mark.parametrize(
    ("form", "place", "days"),
    [
        ("<span class='date'>{}</span>", "span.date", AGO),
        ("<span class='date'>{}</span>", "span.date", TIMES),
        ("<span class='rv_date small'>작성일 {}</span>", "span.rv_date.small", AGO),
        ("<i class='visit'>2020-01-01</i><i class='regDate'>{}</i>", "i.regDate", TIMES),
        ("<small>{}</small>", ":scope > small", AGO),
        ("<b class='level'>Lv. 3</b><time>{}</time>", "time", TIMES),
    ],
)
def test_relative_days_in_html(
    site: Site, tmp_path: Path, form: str, place: str, days: list[tuple[str, int]]
) -> None:
    assert fields_of(site, html(form, [written for written, _ in days]))["date"] == place
    before = datetime.now(SEOUL).date()
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    assert {rating for _, rating, _ in found} == {5, 3, 4}
    assert {day for _, _, day in found} in [
        {(today - timedelta(days=ago)).isoformat() for _, ago in days}
        for today in {before, datetime.now(SEOUL).date()}
    ]


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("<time datetime='{day}T21:30:00+09:00'>{}</time>", "time@datetime"),
        ("<span class='date' title='{day:%Y.%m.%d} 21:30'>{}</span>", "span.date@title"),
        ("<span class='day' data-time='{day:%Y%m%d}213000'>{}</span>", "span.day@data-time"),
    ],
)
def test_a_day_in_an_attribute_is_exact(site: Site, form: str, place: str) -> None:
    assert fields_of(site, html(form, ["3일 전", "어제", "방금 전"]))["date"] == place
    shown = [f"{day:%m월 %d일}" for day in DAYS]
    assert fields_of(site, html(form, shown))["date"] == place


def test_a_column_of_a_file_named_as_a_day(tmp_path: Path) -> None:
    rows = [f"방이 넓어요 {one},{one % 2},{one}" for one in MILLISECONDS]
    path = write(tmp_path / "a.csv", ["후기,label,regDate", *rows])
    assert '# date = "regDate"' in inspect(path).toml
