"""Comparisons: what names mean, and numbers against those computed from the workbook."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.stats import binomtest, false_discovery_control, fisher_exact

from pipeline.errors import InputError
from pipeline.report.comparison.differences import marked, mean_difference, topic_differences
from pipeline.report.comparison.page import write_comparison
from pipeline.report.comparison.reading import Compared, read_sides
from pipeline.report.comparison.sides import find_sides
from pipeline.report.comparison.spans import read_span
from pipeline.report.formatting import signed, whole_percent
from pipeline.report.intervals import Ratio
from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.report.phrases import Language
from pipeline.storage.schemas import MENTIONS_SCHEMA
from tests.pipeline.report.page import EVIL
from tests.pipeline.report.samples import topic_report

WORDS = ["주차", "관리비", "산책", "=1+1", EVIL]
GROUPS = {"17": "우리 단지", "18": "옆 단지", "19": "2026", "20": EVIL}


def rows(count: int = 840) -> list[dict[str, Any]]:
    """Rows of ``judged.parquet``: 우리 단지 has complaints about 주차, the others seldom any."""
    found = []
    for n in range(count):
        key = list(GROUPS)[n // 30 % 4]
        words = [word for place, word in enumerate(WORDS) if n % (place + 2) == 0]
        is_complaint = ("주차" in words and key == "17" and n % 3 > 0) or n % 7 == 0
        found.append(
            {
                "source": "map" if n % 8 < 4 else "shop", "review_id": str(n), "aspect": "",
                "group": GROUPS[key], "date": f"2026-{1 + n % 11:02}-{1 + n % 28:02}",
                "rating": 1.0 + n * 7 % 5 if n % 9 else None, "text": f"{' '.join(words)} 글 {n}",
                "label": "positive", "answer": "positive", "positive": n % 100 / 100,
                "is_complaint": is_complaint, "is_hidden": False, "is_doubtful": False,
                "topics": words,
            }
        )  # fmt: skip
    return found


def mentions(judged: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = {name: key for key, name in GROUPS.items()}
    return [
        {
            **{name: row[name] for name in ("source", "review_id", "date", "rating", "positive")},
            "group": ids.get(row["group"], ""), "group_name": row["group"],
            "topic": word, "topic_aspect": "",
            "judgement": "negative" if row["is_complaint"] else "positive",
        }
        for row in judged for word in row["topics"]
    ]  # fmt: skip


def read(folder: Path, a: str, b: str = "", judged: list[dict[str, Any]] | None = None) -> Compared:
    judged = rows() if judged is None else judged
    pq.write_table(pa.Table.from_pylist(judged, JUDGED_SCHEMA), folder / "judged.parquet")
    table = pa.Table.from_pylist(mentions(judged), MENTIONS_SCHEMA)
    pq.write_table(table, folder / "mentions.parquet")
    return read_sides(folder / "judged.parquet", folder / "mentions.parquet", a, b)


def write(folder: Path, compared: Compared, language: Language = "en") -> str:
    output = folder / "comparison.html"
    write_comparison(
        output, compared, topic_report(rows(), WORDS), language, source="the bundled demo site"
    )
    return output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2026", "2026-01-01", "2026-12-31", "2025"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2026-q3", "2026-07-01", "2026-09-31", "2026-Q2"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("last 90 days", "2026-09-03", "2026-12-01", ""),
        ("Last 1 day", "2026-12-01", "2026-12-01", ""),
    ],
)
def test_periods(text: str, first: str, last: str, before: str) -> None:
    span = read_span(text, "2026-12-01")
    assert span is not None
    assert (span.first, span.last, span.before().key) == (first, last, before)
    assert span.before().last < span.first


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "last 0 days", "26", "2026-10-01", ""])
def test_no_periods(text: str) -> None:
    assert read_span(text, "2026-12-01") is None


def test_the_days_before_have_the_same_length() -> None:
    span = read_span("last 90 days", "2026-12-01")
    assert span is not None
    assert (span.before().first, span.before().last) == ("2026-06-05", "2026-09-02")
    assert span.length == span.before().length == 90


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("우리 단지", "옆 단지", [("group", "우리 단지"), ("group", "옆 단지")]),
        ("17", "옆단지", [("group", "우리 단지"), ("group", "옆 단지")]),
        ("map", "source:SHOP", [("source", "map"), ("source", "shop")]),
        ("group:2026", "18", [("group", "2026"), ("group", "옆 단지")]),
        ("2026-Q1", "2026-02 ", "share"),
        ("2026", "17", "'2026' is ambiguous: write group:2026 or period:2026"),
        ("우리 단자", "18", "did you mean '우리 단지'"),
        ("nobody", "18", "no group, source or period is called 'nobody'; the last run has '2026',"),
        ("17", "", "'17' needs a second name; only a period can stand alone"),
        ("17", "우리 단지", "'17' and '우리 단지' share 210 reviews"),
        ("2019", "2026-10", "no reviews of '2019'; dates of reviews: 2026-01-01 to 2026-11-28"),
    ],
)
def test_names(tmp_path: Path, a: str, b: str, expected: Any) -> None:
    if isinstance(expected, str):
        with pytest.raises(InputError) as raised:
            read(tmp_path, a, b)
        assert expected in str(raised.value)
        assert "\n" not in str(raised.value)
    else:
        assert [(side.kind, side.name) for side in read(tmp_path, a, b).sides] == expected


def test_an_id_of_a_name_that_several_groups_have_is_refused() -> None:
    reviews = pa.table({"group": ["자이", "래미안"], "source": ["s"] * 2, "date": [""] * 2})
    ids = [("1", "자이"), ("2", "자이"), ("3", "래미안")]
    assert [one.name for one in find_sides(reviews, ids, "자이", "3")] == ["자이", "래미안"]
    with pytest.raises(
        InputError, match="groups 1 and 2 are both called '자이'; write that name for all"
    ):
        find_sides(reviews, ids, "1", "3")


def test_a_period_without_dates_is_refused(tmp_path: Path) -> None:
    undated = [row | {"date": ""} for row in rows(20)]
    with pytest.raises(InputError, match="'last 90 days' is a period, but no review has a date"):
        read(tmp_path, "last 90 days", "", undated)


def test_the_rating_of_a_review_is_that_of_its_whole_text(tmp_path: Path) -> None:
    first, *_, second = rows(31)
    first |= {"rating": 1.0, "is_complaint": False}
    aspect = first | {"aspect": "교통", "rating": 5.0, "is_complaint": True}
    compared = read(tmp_path, "우리 단지", "옆 단지", [aspect, first, second])
    (review,) = compared.of("a").to_pylist()
    assert (review["rating"], review["is_complaint"]) == (1.0, True)


def sheets(path: Path) -> list[list[tuple[Any, ...]]]:
    """The rows of each sheet, without their headers."""
    book = openpyxl.load_workbook(path)
    return [
        list(sheet.iter_rows(min_row=2, max_col=sheet.max_column, values_only=True))
        for sheet in book
    ]


def newcombe(a: tuple[int, int], b: tuple[int, int]) -> tuple[float, float, float]:
    """Difference of two shares with the interval of Newcombe's method 10."""
    (low_a, high_a), (low_b, high_b) = (
        tuple(binomtest(*one).proportion_ci(method="wilson")) for one in (a, b)
    )
    p, q = a[0] / a[1], b[0] / b[1]
    return (
        p - q,
        p - q - math.sqrt((p - low_a) ** 2 + (high_b - q) ** 2),
        p - q + math.sqrt((high_a - p) ** 2 + (q - low_b) ** 2),
    )


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_number_is_that_of_the_workbook(tmp_path: Path, language: Language) -> None:
    page = write(tmp_path, read(tmp_path, "17", "18"), language)
    summary, topics, mentioned, reviews = sheets(tmp_path / "comparison.xlsx")
    names = ("우리 단지", "옆 단지")
    counts: Any = defaultdict(lambda: {name: [0, 0] for name in names})
    for side, topic, judgement, *_ in mentioned:
        counts[topic][side][0] += judgement in ("negative", "부정")
        counts[topic][side][1] += 1
    tested = {t: c for t, c in counts.items() if min(c[names[0]][1], c[names[1]][1]) >= 5}
    p_values = [
        fisher_exact([[part, whole - part] for part, whole in c.values()]).pvalue
        for c in tested.values()
    ]
    adjusted = dict(zip(tested, false_discovery_control(p_values), strict=True))
    table = page[page.index('<table class="sortable topics">') :]
    assert len(topics) == len(counts) == table.count("<tbody id=") == 5
    for row in topics:
        topic = row[0]
        a, b = (tuple(counts[topic][name]) for name in names)
        gap = newcombe(a, b)
        assert row[1:7] == pytest.approx((a[1], a[0], a[0] / a[1], b[1], b[0], b[0] / b[1]))
        assert row[7:10] == pytest.approx(gap, abs=1e-5)
        assert row[11] == pytest.approx(adjusted[topic])
        assert bool(row[12]) == (adjusted[topic] <= 0.05)
    for number, row in enumerate(topics, 1):
        shown = table[table.index(f'<tbody id="topic-{number}">') :]
        shown = shown[: shown.index('<tr class="quotes">')]
        for part, whole in (row[2:0:-1], row[5:3:-1]):
            assert f"{whole_percent(part / whole)} <" in shown.replace("&lt;", "<")
            assert f">{part}/{whole}<" in shown
        assert signed(row[7] * 100, 0) in shown
        assert f"{signed(row[8] * 100, 0)} ~ {signed(row[9] * 100, 0)}" in shown
        assert ("▲" in shown or "▼" in shown) == bool(row[12])
    own = [[row for row in reviews if row[0] == name] for name in names]
    ratings = [[row[3] for row in side if row[3] is not None] for side in own]
    complaints = [(sum(row[4] is not None for row in side), len(side)) for side in own]
    assert summary[0][1:3] == tuple(map(len, own))
    assert summary[2][3:6] == pytest.approx(newcombe(*complaints), abs=1e-5)
    for (part, whole), found in zip(complaints, ratings, strict=True):
        assert f"{part / whole:.0%}" in page
        assert f">{part}/{whole}<" in page
        assert f"{mean(found):.2f} <" in page
    assert str(len(tested)) in page[page.index("<figure>") :]
    assert "<b>주차</b>" in page  # the difference that was made


def test_its_sheets_are_in_the_order_of_the_source_with_real_dates(tmp_path: Path) -> None:
    write(tmp_path, read(tmp_path, "17", "18"))
    _, _, mentioned, reviews = sheets(tmp_path / "comparison.xlsx")
    first = [row["source"] for row in rows()]
    places = {name: first.index(name) for name in first}
    keys = [(places[row[5]], int(row[6])) for row in reviews]
    assert keys == sorted(keys)
    of_topics = [(row[1], row[0], places[row[6]], int(row[7])) for row in mentioned]
    assert [row[2:] for row in of_topics if row[:2] == of_topics[0][:2]] == sorted(
        row[2:] for row in of_topics if row[:2] == of_topics[0][:2]
    )
    assert {type(row[2]) for row in reviews} == {type(row[4]) for row in mentioned} == {datetime}


def test_the_page_is_escaped_and_loads_nothing(tmp_path: Path) -> None:
    page = write(tmp_path, read(tmp_path, "20", "17"))
    assert "<img" not in page
    assert "<script>alert" not in page
    assert re.search(r'Content-Security-Policy" content="default-src &#39;none&#39;', page)
    cells = [
        cell for sheet in sheets(tmp_path / "comparison.xlsx") for row in sheet for cell in row
    ]
    assert "=1+1" in cells


def test_periods_and_sources_are_compared_too(tmp_path: Path) -> None:
    days = sorted(row["date"] for row in rows())
    first = (date.fromisoformat(days[-1]) - timedelta(89)).isoformat()
    page = write(tmp_path, read(tmp_path, "last 90 days"))
    assert "<h1>Comparison of the last 90 days and the 90 days before</h1>" in page
    assert f"{next(day for day in days if day >= first)} ~ {days[-1]}" in page
    assert "Comparison of Q3 2026 and Q2 2026" in write(tmp_path, read(tmp_path, "2026-Q3"))
    assert "Comparison of map and shop" in write(tmp_path, read(tmp_path, "map", "shop"))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_empty_cases_make_sense(tmp_path: Path, language: Language) -> None:
    bare = [row | {"topics": [], "date": "", "rating": None} for row in rows(40)]
    page = write(tmp_path, read(tmp_path, "우리 단지", "옆 단지", bare), language)
    assert {"en": "No topic is mentioned", "ko": "주제가 언급되지 않았습니다"}[language] in page
    assert "<figure>" not in page
    apart = [
        row | {"topics": ["주차"] if row["group"] == "우리 단지" else ["산책"]} for row in rows(40)
    ]
    page = write(tmp_path, read(tmp_path, "우리 단지", "옆 단지", apart), language)
    assert {"en": "so no topics were compared", "ko": "비교하지 않았습니다"}[language] in page
    assert "<figure>" not in page


def test_as_many_differences_as_there_are_by_chance_are_not_marked() -> None:
    even = {str(n): (Ratio(10, 40), Ratio(10 + n % 7, 40)) for n in range(100)}
    assert not marked(topic_differences(even))
    one = topic_differences(even | {"bad": (Ratio(35, 40), Ratio(5, 40))})
    assert [found.topic for found in marked(one)] == ["bad"]
    both = topic_differences(
        {"worse": (Ratio(35, 40), Ratio(5, 40)), "much worse": (Ratio(38, 40), Ratio(2, 40)),
         "better": (Ratio(5, 40), Ratio(30, 40)), "rare": (Ratio(4, 4), Ratio(0, 40))}
    )  # fmt: skip
    assert [found.topic for found in marked(both)] == ["much worse", "better"]
    assert both[-1].gap is None


def test_equal_ratings_have_no_interval() -> None:
    import numpy as np

    assert mean_difference(np.array([5.0, 5.0]), np.array([5.0])) is None
    assert mean_difference(np.array([5.0, 5.0]), np.array([5.0, 5.0])) is None
    found = mean_difference(np.array([5.0, 4.0, 3.0]), np.array([3.0, 4.0, 2.0]))
    assert found is not None
    assert found.low < found.value == 1 < found.high
