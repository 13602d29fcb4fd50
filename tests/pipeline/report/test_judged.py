"""The table of all texts, and the complaints that are counted and listed from it."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report.complaints import by_review, complaints, marked
from pipeline.report.formatting import signed, whole_percent
from pipeline.report.judged import JUDGED_SCHEMA, judge
from pipeline.report.periods import period_name, period_of, unit_of
from pipeline.report.phrases import Phrases
from pipeline.settings import LabelSettings
from pipeline.storage.schemas import REVIEWS_SCHEMA
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.score import Score
from pipeline.target.three import Three
from pipeline.topics.extraction import find_topics
from tests.pipeline.topics.made_up import documents, tagger

ROWS: list[tuple[str, str, float | None, dict[str, Any]]] = [
    ("1", "", 1.0, {"label": "negative", "probability": 0.1}),
    ("2", "", 5.0, {"label": "negative", "probability": 0.2}),
    ("3", "", 3.0, {"label": "negative", "probability": 0.3}),
    ("4", "", 5.0, {"label": "positive", "probability": 0.9}),
    ("4", "주차", 2.0, {"label": "positive", "probability": 0.6}),
    ("5", "", None, {"label": None, "probability": None}),
    ("6", "", None, {"label": "negative", "probability": 0.4}),
]


def write(folder: Path, answers: list[dict[str, Any]], types: dict[str, pa.DataType]) -> None:
    empty: dict[str, Any] = dict.fromkeys(REVIEWS_SCHEMA.names, "")
    rows = [
        empty
        | {"source": "s", "review_id": number, "aspect": aspect, "rating": rating, "label": None,
           "date": f"2026-01-0{number}", "text": f"text {number}", "held_out": False,
           "by_hand": False}
        for number, aspect, rating, _ in ROWS
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows, REVIEWS_SCHEMA), folder / "reviews.parquet")
    table = pa.Table.from_pylist(answers, pa.schema(list(types.items())))
    pq.write_table(table, folder / "sentiment.parquet")


DOUBTFUL = {("s:2", ""), ("s:4", "주차")}


def judged(folder: Path, target: Target = BINARY, **mentions: list[str]) -> pa.Table:
    known = {("s", number.removeprefix("r")): topics for number, topics in mentions.items()}
    paths = folder / "reviews.parquet", folder / "sentiment.parquet"
    return judge(*paths, target, LabelSettings(), known, DOUBTFUL)


@pytest.fixture
def table(tmp_path: Path) -> pa.Table:
    write(tmp_path, [row[3] for row in ROWS], {"label": pa.string(), "probability": pa.float64()})
    return judged(tmp_path, r1=["관리비"], r2=["관리비", "주차"])


def test_a_complaint_is_negative_by_its_rating_or_its_text(table: pa.Table) -> None:
    assert table.schema == JUDGED_SCHEMA
    assert table["label"].to_pylist() == [
        *("negative", "positive", "neutral", "positive", "negative", None, None)
    ]
    assert table["is_complaint"].to_pylist() == [True, True, True, False, True, False, True]
    assert table["is_hidden"].to_pylist() == [False, True, False, False, False, False, False]
    assert table["positive"].to_pylist() == [0.1, 0.2, 0.3, 0.9, 0.6, None, 0.4]
    assert table["topics"].to_pylist()[:3] == [["관리비"], ["관리비", "주차"], []]


def test_texts_are_shown_without_html(tmp_path: Path) -> None:
    write(tmp_path, [row[3] for row in ROWS], {"label": pa.string(), "probability": pa.float64()})
    reviews = pq.read_table(tmp_path / "reviews.parquet")
    place = reviews.column_names.index("text")
    texts = pa.array(["두<br/>줄 &amp;quot;굿&amp;quot;"] * len(ROWS))
    pq.write_table(reviews.set_column(place, "text", texts), tmp_path / "reviews.parquet")
    assert set(judged(tmp_path)["text"].to_pylist()) == {'두\n줄 "굿"'}


def test_doubtful_labels_are_those_of_the_tested_reviews(table: pa.Table) -> None:
    assert table["is_doubtful"].to_pylist() == [*(False, True, False, False, True, False, False)]


def test_answers_of_three_classes_and_of_ratings_are_read_too(tmp_path: Path) -> None:
    three: dict[str, Any] = dict(zip(Three().columns, ("neutral", 0.5, 0.3, 0.5, 0.2), strict=True))
    types = {name: pa.string() if name == "label" else pa.float64() for name in three}
    write(tmp_path, [three] * len(ROWS), types)
    found = judged(tmp_path, Three())
    assert set(found["answer"].to_pylist()) == {"neutral"}
    assert found["positive"].to_pylist()[0] == pytest.approx(0.45)
    write(tmp_path, [{"score": 1.8}] * len(ROWS), {"score": pa.float64()})
    found = judged(tmp_path, Score(lowest=1, highest=5))
    assert set(found["answer"].to_pylist()) == {"negative"}
    assert found["positive"].to_pylist()[0] == pytest.approx(0.2)


def test_complaints_are_counted_by_review_and_listed_newest_first(table: pa.Table) -> None:
    topics = {"주차": ("주차",), "관리비": ("관리비", "text")}
    of_days = {f"2026-01-0{n}": "2026-01" for n in range(1, 7)}
    found = complaints(table, by_review(table), topics, of_days, most=4)
    assert (found.reviews, found.total, found.hidden, found.doubtful) == (6, 5, 1, 2)
    assert found.doubtful_complaints == 2
    assert [one.is_doubtful for one in found.shown] == [False, True, False, True]
    assert [one.date[-1] for one in found.shown] == ["6", "4", "3", "2"]
    hidden = found.shown[-1]
    assert hidden.is_hidden
    assert hidden.topics == [1, 2]
    assert hidden.period == "2026-01"
    assert hidden.passages[0].pieces == [("text", True), (" 2", False)]
    aspect = found.shown[1]
    assert [passage.aspect for passage in aspect.passages] == ["주차"]
    assert not aspect.is_hidden


@pytest.mark.parametrize(
    ("text", "spellings", "pieces"),
    [
        ("주차 자리 없음", ["주차자리", "주차 자리"], [("주차 자리", True), (" 없음", False)]),
        ("지하주차장", ["주차", "주차장"], [("지하", False), ("주차장", True)]),
        ("a.c", ["."], [("a", False), (".", True), ("c", False)]),
        ("없음", [], [("없음", False)]),
        ("때문에 방문", ["문"], [("때문에 방문", False)]),
        ("문이 문짝", ["문"], [("문", True), ("이 문짝", False)]),
        ("(방)도 맛있고", ["방", "맛"], [("(", False), ("방", True), (")도 맛있고", False)]),
        ("1점도 점도", ["점도"], [("1점도 ", False), ("점도", True)]),
        ("여직원들", ["직원"], [("여", False), ("직원", True), ("들", False)]),
        ("가" * 700, ["나"], [("가" * 600 + "…", False)]),
    ],
)
def test_topics_are_marked_in_the_text(
    text: str, spellings: list[str], pieces: list[tuple[str, bool]]
) -> None:
    assert marked(text, spellings) == pieces


def test_shares_are_0_or_100_percent_only_where_they_are() -> None:
    assert [whole_percent(one) for one in (0, 0.004, 0.25, 0.996, 1)] == [
        *("0%", "<1%", "25%", ">99%", "100%")
    ]


def test_differences_have_a_sign_unless_they_round_to_0() -> None:
    assert [signed(one, 1) for one in (1.26, 0.04, 0, -0.04, -1.26)] == [
        *("+1.3", "0.0", "0.0", "0.0", "−1.3")
    ]
    assert [signed(one, 0) for one in (0.4, -0.4, -0.6)] == ["0", "0", "−1"]


def test_periods_have_keys_and_names() -> None:
    assert [period_of("2026-11-23", unit) for unit in ("year", "quarter", "month", "week", "")] == [
        *("2026", "2026-Q4", "2026-11", "2026-11-23", "")
    ]
    assert period_of("2026-02-30", "week") == period_of("", "month") == ""
    names = [period_name(key, Phrases("ko")) for key in ("2026", "2026-Q4", "2026-03", "")]
    assert names == ["2026년", "2026년 4분기", "2026년 3월", ""]
    assert period_name("2026-11-23", Phrases("en")) == "the week of 2026-11-23"
    assert [
        unit_of(["2026-01-01", last]) for last in ("2026-02-01", "2028-01-01", "2036-01-01")
    ] == [*("month", "quarter", "year")]
    assert unit_of([]) == ""


@pytest.mark.parametrize("text", ["때문에 문이 고장", "방문했는데 방이 좁고 문도 작아요"])
def test_what_is_marked_is_what_is_counted(text: str, tmp_path: Path) -> None:
    texts = [text, "문이 커요", "문을 닫아요", "방을 봐요", "방에 있어요"] * 3
    found = find_topics(documents(texts), tagger(memo=tmp_path), "okt").found
    counted = found.texts == 0
    assert counted.any()
    pieces = marked(text, [found.names[one] for one in found.ids[counted]])
    begins = np.cumsum([0, *(len(piece) for piece, _ in pieces)])[:-1]
    is_topic = [is_topic for _, is_topic in pieces]
    assert begins[is_topic].tolist() == found.begins[counted].tolist()
