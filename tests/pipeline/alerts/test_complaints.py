"""Complaints among new reviews."""

from pathlib import Path

import pytest

from pipeline.alerts.complaints import describe_complaints, find_complaints
from pipeline.alerts.sent import Sent
from pipeline.alerts.words import MOST_QUOTED
from pipeline.report.phrases import Language, Phrases
from tests.pipeline.alerts.samples import HOSTILE, judged


def rows(*texts: str) -> list[dict[str, object]]:
    return [
        {"source": "s", "review_id": str(number), "text": text, "date": f"2026-11-{number + 1:02}"}
        for number, text in enumerate(texts)
    ]


def test_new_complaints_are_found_newest_first(tmp_path: Path) -> None:
    table = judged(
        *rows("방이 추워요", "배송이 늦어요", "시끄러워요"),
        {"source": "s", "review_id": "3", "text": "좋아요", "is_complaint": False},
        {"source": "other", "review_id": "0", "text": "다른 곳"},
        {"source": "s", "review_id": "2", "text": "같은 리뷰의 다른 항목"},
    )
    new = {("s", "0"), ("s", "2"), ("s", "3")}
    found = find_complaints(table, new, Sent(tmp_path))
    assert [one.quote for one in found] == ["시끄러워요", "방이 추워요"]
    assert {one.source for one in found} == {"s"}
    sent = Sent(tmp_path)
    sent.remember([found[0].key])
    assert find_complaints(table, new, Sent(tmp_path)) == found[1:]


def test_a_review_in_two_texts_is_quoted_by_its_complaint(tmp_path: Path) -> None:
    """It has a row for its rating too, without a text."""
    review = {"source": "s", "review_id": "1", "rating": 1.0}
    side = review | {"rating": None}
    table = judged(
        review | {"text": ""},
        side | {"aspect": "단점", "text": "방이 추워요"},
        side | {"aspect": "장점", "text": "좋아요", "is_complaint": False},
    )
    (found,) = find_complaints(table, {("s", "1")}, Sent(tmp_path))
    assert (found.quote, found.rating) == ("방이 추워요", 1.0)


@pytest.mark.parametrize(
    ("language", "title", "last"),
    [("en", "New complaints: 7", "and 2 more"), ("ko", "새 불만 리뷰 7건", "그 외 2건")],
)
def test_the_message(tmp_path: Path, language: Language, title: str, last: str) -> None:
    table = judged(*rows(*["시끄러워요"] * 7))
    new = {("s", str(number)) for number in range(7)}
    found = find_complaints(table, new, Sent(tmp_path))
    lines = describe_complaints(found, Phrases(language)).splitlines()
    assert (lines[0], lines[-1]) == (title, last)
    assert lines[1].startswith("“시끄러워요” (")
    assert lines[1].endswith("2026-11-07)")
    assert len(lines) == 2 + MOST_QUOTED


def test_nothing_of_a_hostile_text_is_active(tmp_path: Path) -> None:
    table = judged(*rows(*HOSTILE))
    new = {("s", str(number)) for number in range(len(HOSTILE))}
    text = describe_complaints(find_complaints(table, new, Sent(tmp_path)), Phrases("en"))
    for part in ("<", ">", "@", "http", "evil", "*", "`", "\x1b", "\u202e"):
        assert part not in text
