"""Topics and complaints on the page and in the workbook, against counts of the exported table."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from pipeline.report.phrases import Phrases
from pipeline.report.topics import changes, heat_map
from pipeline.storage import names
from pipeline.topics.records import TopicReport
from tests.pipeline.report.page import EVIL, error, explained, judged_rows, write
from tests.pipeline.report.samples import quarter, topic_report

WORDS = ["주차", "관리비", "산책", "층간소음", "=1+1", EVIL]
REVIEWS: list[dict[str, Any]] = [
    {
        "source": "s", "review_id": str(n), "group": f"단지 {n % 3}",
        "date": f"2026-{1 + n % 6:02}-{1 + n % 28:02}", "rating": 1.0 + n * 7 % 5,
        "text": " ".join(word for place, word in enumerate(WORDS) if n % (place + 2) == 0) or "음",
    }
    for n in range(400)
]  # fmt: skip


@pytest.fixture
def rows(tmp_path: Path) -> list[dict[str, Any]]:
    write(tmp_path, REVIEWS)
    found: list[dict[str, Any]] = pq.read_table(tmp_path / names.JUDGED).to_pylist()
    return found


@pytest.fixture
def report(rows: list[dict[str, Any]]) -> TopicReport:
    return topic_report(rows, WORDS)


def cells(page: str, number: int) -> list[str]:
    """The values that a topic's row sorts by."""
    row = page[page.index(f'<tbody id="topic-{number}">') :]
    return re.findall(r'data-value="([^"]*)"', row[: row.index("</tr>")])


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_number_of_a_topic_is_that_of_the_table(
    tmp_path: Path, rows: list[dict[str, Any]], report: TopicReport, language: Any
) -> None:
    page = write(tmp_path, REVIEWS, topics=report, language=language)
    for number, word in enumerate(WORDS[:4], 1):
        own = [row for row in rows if word in row["text"]]
        negative = sum(row["rating"] <= 2 for row in own)
        name, mentions, share, *_ = cells(page, number)
        assert (name, int(mentions)) == (word, len(own))
        assert float(share) == negative / len(own)
        assert f">{negative / len(own):.0%} <" in page
    worst = report.facts[0]
    assert f"{worst.numbers['negative']:.0f}" in page
    assert "<img" not in page


def test_complaints_on_the_page_are_those_of_the_table(
    tmp_path: Path, rows: list[dict[str, Any]], report: TopicReport
) -> None:
    page = write(tmp_path, REVIEWS, topics=report)
    total = sum(row["rating"] <= 2 for row in rows)
    assert f"{total} of 400 reviews ({total / 400:.0%}) are complaints." in page
    dates = re.findall(r'<p class="of"><span>([\d-]+)</span>', page)
    assert dates == sorted((row["date"] for row in rows if row["rating"] <= 2), reverse=True)
    by_group = Counter(row["group"] for row in rows if row["rating"] <= 2)
    assert Counter(re.findall(r'data-group="(\d)"', page)) == {
        str(place): by_group[group] for place, group in enumerate(sorted(by_group), 1)
    }
    shares = {f"{part / 134:.0%}" for part in by_group.values()}
    assert all(f"<td>{share} " in page for share in shares)


def test_the_heat_map_and_the_changes_are_those_of_the_table(
    rows: list[dict[str, Any]], report: TopicReport
) -> None:
    heat = heat_map(report)
    assert heat is not None
    for _, word, row in heat.rows:
        for group, cell in zip(heat.groups, row, strict=True):
            own = [one["rating"] <= 2 for one in rows
                   if word in one["text"] and one["group"] == group]  # fmt: skip
            assert cell.ratio == ((sum(own), len(own)) if len(own) > 2 else None)
    for change in changes(report):
        for ratio, key in ((change.before, "2026-Q1"), (change.after, "2026-Q2")):
            own = [one["rating"] <= 2 for one in rows
                   if change.name in one["text"] and quarter(one) == key]  # fmt: skip
            assert ratio == (sum(own), len(own))


def test_the_page_is_small_however_many_complaints_there_are(tmp_path: Path) -> None:
    many = [
        row | {"review_id": f"{copy}-{row['review_id']}", "rating": 1.0, "text": "불만 " * 500}
        for copy in range(5)
        for row in REVIEWS
    ]
    page = write(tmp_path, many)
    assert len(page.encode()) < 3_000_000
    assert page.count("<article") == 300
    assert "The newest 300 of 2,000; the workbook lists all of them." in page
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK, read_only=True)
    assert sum(1 for _ in book["Complaints"].iter_rows()) == 2_001


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_workbook_has_everything_in_sheets(
    tmp_path: Path, rows: list[dict[str, Any]], report: TopicReport, language: Any
) -> None:
    say = Phrases(language)
    write(tmp_path, REVIEWS, topics=report, language=language)
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK)
    sheets = [say(f"sheet_{name}") for name in
              ("summary", "topics", "complaints", "groups", "predictions")]  # fmt: skip
    assert book.sheetnames == sheets
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    summary, topics, complaints, groups, predictions = book
    assert summary["B2"].value == 400
    assert summary["B3"].value == sum(row["rating"] <= 2 for row in rows)
    assert [row[0] for row in topics.iter_rows(min_row=2, values_only=True)] == [
        topic.name for topic in report.topics
    ]
    assert topics["C2"].value == sum("주차" in row["text"] for row in rows)
    assert topics["G2"].number_format == "0.0%"
    assert complaints.max_row == 1 + summary["B3"].value
    by_group = Counter(row["group"] for row in rows)
    assert {name: count for name, count, *_ in groups.iter_rows(min_row=2, values_only=True)} == (
        by_group
    )
    assert predictions.max_row == 401
    assert predictions.column_dimensions["E"].width > 20


def test_sheets_are_in_the_order_of_the_source_with_real_dates(tmp_path: Path) -> None:
    days = ["2026-03-01", "2026-02-30", "", "2026-03-01"]
    reviews = [
        {"source": "s", "review_id": f"row {number}", "date": day, "rating": 1.0, "text": "음"}
        for number, day in ((10, days[0]), (100, days[1]), (2, days[2]), (9, days[3]))
    ]
    write(tmp_path, reviews)
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK)
    predictions, complaints = book["Predictions"], book["Complaints"]
    assert [row[-1].value for row in predictions.iter_rows(min_row=2)] == [
        *("row 2", "row 9", "row 10", "row 100")
    ]
    assert [row[-1].value for row in complaints.iter_rows(min_row=2)] == [
        *("row 9", "row 10", "row 100", "row 2")
    ]
    dates = [row[0] for row in predictions.iter_rows(min_row=2)]
    assert [cell.value for cell in dates] == [
        *(None, datetime(2026, 3, 1), datetime(2026, 3, 1), "2026-02-30")
    ]
    assert [cell.is_date for cell in dates] == [False, True, True, False]
    assert dates[1].number_format.replace("\\", "") == "yyyy-mm-dd"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_possible_label_errors_are_the_same_on_the_page_and_in_the_workbook(
    tmp_path: Path, language: Any
) -> None:
    say, marked = Phrases(language), {3, 5, 300}  # of these, 5 is a complaint
    judged = [
        row | {"is_doubtful": number in marked, "is_complaint": number % 5 == 0 and number < 300}
        for number, row in enumerate(judged_rows([row | {"group_name": ""} for row in REVIEWS]))
    ]
    listed = [error(row["text"], "positive", doubtful=True) for row in judged[:1]]
    page = write(tmp_path, REVIEWS, explained(listed), judged=judged, language=language)
    assert say("errors_doubtful", count=3, file=names.WORKBOOK) in page
    assert say("errors_doubtful_listed", listed=1) in page
    assert say("complaints_doubtful", doubtful=1, total=3) in page
    assert page.count("data-doubtful") == 2  # a complaint and an error
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK)
    header = say("column_is_doubtful")

    def filtered(sheet: str) -> list[str]:
        first, *rows = book[say(sheet)].iter_rows(values_only=True)
        return [row[-1] for row in rows if row[first.index(header)] == say("yes")]

    assert filtered("sheet_predictions") == ["3", "5", "300"]
    assert filtered("sheet_complaints") == ["5"]
    summary = dict(row[:2] for row in book[say("sheet_summary")].iter_rows(values_only=True))
    assert summary[say("number_doubtful")] == 3


@pytest.mark.parametrize(
    ("rating", "said", "header"),
    [
        (5.0, "came with a good rating", "Good rating, negative text"),
        (None, "came with a positive label", "Positive label, negative text"),
    ],
)
def test_complaints_with_a_good_rating_or_label_are_named_by_what_the_reviews_have(
    tmp_path: Path, rating: float | None, said: str, header: str
) -> None:
    reviews = [row | {"rating": rating, "group_name": ""} for row in REVIEWS[:9]]
    is_hidden = {"is_complaint": True, "is_hidden": True}
    page = write(tmp_path, reviews, judged=[row | is_hidden for row in judged_rows(reviews)])
    assert f"<b>9 of 9 complaints</b> {said}" in page
    assert page.count(header.partition(",")[0]) == 11  # above the list, in the filter, in each
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK, read_only=True)
    assert header in [cell.value for cell in next(book["Predictions"].iter_rows())]
