"""Reviews in two texts (pros and cons), as the page and the workbook list them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from pipeline.report.complaints import by_review, complaints
from pipeline.report.judged import JUDGED_SCHEMA
from pipeline.report.phrases import Phrases
from pipeline.report.shown_texts import shown_texts
from pipeline.storage import names
from tests.pipeline.report.page import write

PLAIN: dict[str, Any] = {
    "source": "s", "aspect": "", "group": "", "date": "", "rating": None, "text": "",
    "label": None, "answer": None, "positive": None, "is_complaint": False, "is_hidden": False,
    "is_doubtful": False, "topics": [],
}  # fmt: skip


def rows() -> list[dict[str, Any]]:
    """Four reviews: with both sides, with one side, complaining by the rating alone, and whole."""
    texts = [
        ("1", "", "", 5.0, False, ["조식", "주차 자리"]),
        ("1", "단점", "주차자리가 없어요", None, True, ["조식", "주차 자리"]),
        ("1", "장점", "조식이 좋아요", None, False, ["조식", "주차 자리"]),
        ("2", "", " ", None, False, ["위치"]),
        ("2", "장점", "역이 가까워요", None, False, ["위치"]),
        ("3", "", "", 1.0, True, []),
        ("3", "장점", "넓어요", None, False, []),
        ("4", "", "", 2.0, True, []),
    ]
    keys = ("review_id", "aspect", "text", "rating", "is_complaint", "topics")
    return [PLAIN | dict(zip(keys, text, strict=True)) for text in texts]


SPELLINGS = {"조식": ("조식",), "주차 자리": ("주차 자리",), "위치": ("위치",)}


def test_texts_stand_alone_with_the_rating_of_their_review_and_their_own_topics() -> None:
    table = pa.Table.from_pylist(rows(), JUDGED_SCHEMA)
    found = shown_texts(table, SPELLINGS)
    assert found.schema == JUDGED_SCHEMA
    shown = [
        (row["review_id"], row["aspect"], row["rating"], row["is_complaint"], row["topics"])
        for row in found.to_pylist()
    ]
    assert shown == [
        ("1", "단점", 5.0, True, ["주차 자리"]),
        ("1", "장점", 5.0, False, ["조식"]),
        ("2", "장점", None, False, ["위치"]),
        ("3", "장점", 1.0, True, []),
        ("4", "", 2.0, True, []),  # a review without any text
    ]


def test_whole_reviews_stay_as_they_are() -> None:
    whole = [row | {"text": "조식이 좋아요"} for row in rows() if not row["aspect"]]
    table = pa.Table.from_pylist(whole, JUDGED_SCHEMA)
    assert shown_texts(table, SPELLINGS).equals(table)


def test_a_review_with_a_text_of_its_own_keeps_all_its_texts() -> None:
    texts = [
        PLAIN | {"review_id": "1", "text": "조식은 별로", "rating": 2.0, "topics": ["조식"]},
        PLAIN | {"review_id": "1", "aspect": "교통", "text": "가까워요", "topics": ["조식"]},
    ]
    found = shown_texts(pa.Table.from_pylist(texts, JUDGED_SCHEMA), SPELLINGS).to_pylist()
    assert [(row["rating"], row["topics"]) for row in found] == [(2.0, ["조식"]), (None, [])]


def test_complaints_by_the_rating_alone_show_what_the_review_says() -> None:
    table = pa.Table.from_pylist(rows(), JUDGED_SCHEMA)
    found = complaints(shown_texts(table), by_review(table), {}, {})
    texts = {
        passage.pieces[0][0] for one in found.shown for passage in one.passages if passage.pieces
    }
    assert (found.reviews, found.total) == (4, 3)
    assert texts == {"주차자리가 없어요", "넓어요", ""}


@pytest.mark.parametrize(
    ("language", "counts"),
    [
        ("en", ["New reviews</th><td>4</td>", "Total reviews</th><td>4</td>",
                "Texts on one aspect (장점, 단점)</th><td>4</td>",
                "Empty after cleaning</th><td>1</td>"]),
        ("ko", ["신규 리뷰</th><td>4</td>", "전체 리뷰</th><td>4</td>",
                "항목별 텍스트(장점, 단점)</th><td>4</td>",
                "정제 후 빈 텍스트</th><td>1</td>"]),
    ],
)  # fmt: skip
def test_reviews_and_texts_are_counted_apart(
    tmp_path: Path, language: Any, counts: list[str]
) -> None:
    reviews = [
        {name: row[name] for name in ("source", "review_id", "aspect", "text", "rating")}
        for row in rows()
    ]
    page = write(tmp_path, reviews, judged=rows(), language=language, statuses={"new": 8}, empty=4)
    for count in counts:
        assert count in page
    say = Phrases(language)
    assert say("title", reviews=4) in page
    later = write(
        tmp_path, reviews, judged=rows(), language=language, statuses={"new": 3, "known": 5}
    )
    what = say.name("status", "new")
    assert f"{say('each_text_counts', what=what)}</th><td>3</td>" in later


def test_no_row_of_the_workbook_is_blank_but_that_of_a_review_without_text(tmp_path: Path) -> None:
    write(tmp_path, judged=rows())
    book = openpyxl.load_workbook(tmp_path / names.WORKBOOK)
    header, *found = book["Predictions"].iter_rows(values_only=True)
    at = [header.index(name) for name in ("ID", "Aspect", "Rating", "Text")]
    assert [tuple(row[one] for one in at) for row in found] == [
        ("1", "단점", 5, "주차자리가 없어요"),
        ("1", "장점", 5, "조식이 좋아요"),
        ("2", "장점", None, "역이 가까워요"),
        ("3", "장점", 1, "넓어요"),
        ("4", None, 2, None),
    ]
    _, *found = book["Complaints"].iter_rows(values_only=True)
    assert [row[-1] for row in found] == ["1", "3", "4"]


def test_a_survey_without_ratings_has_reviews_and_dates_too(tmp_path: Path) -> None:
    """Such reviews have no row of their own."""
    judged = [row | {"date": "2026-03-01"} for row in rows() if row["aspect"]]
    reviews = [
        {name: row[name] for name in ("source", "review_id", "aspect", "text", "date")}
        for row in judged
    ]
    page = write(tmp_path, reviews, judged=judged)
    assert "<h1>What 3 reviews say</h1>" in page
    assert "Review dates: 2026-03-01 to 2026-03-01" in page
