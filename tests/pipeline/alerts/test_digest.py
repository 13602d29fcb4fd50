"""The text of the digest."""

from dataclasses import replace
from typing import Any

import pytest

from pipeline.alerts.digest import digest
from pipeline.report.phrases import Language, Phrases
from pipeline.topics.records import TopicReport
from tests.pipeline.alerts.samples import HOSTILE, changed, judged, report

REPORT = report(
    {"주차": (6, 24), "소음": (20, 20), "관리비": (9, 9), "산책": (1, 1)}, changed("주차")
)
ROWS = [{"text": f"{n}번째 불만", "date": f"2026-11-{n:02}", "group": "가나"} for n in range(1, 6)]
PRAISE: list[dict[str, Any]] = [
    {"text": "좋다", "is_complaint": False, "answer": "positive", "date": f"2026-{month}-20"}
    for month, count in ((10, 9), (11, 15))
    for _ in range(count)
]
OLDER = {"text": "지난달 불만", "date": "2026-10-05"}


def lines(report: TopicReport, *rows: dict[str, Any], language: Language = "ko") -> list[str]:
    say, source = Phrases(language), "the bundled demo site"
    text = digest(report, judged(*rows), source=source, new=1234, since="2026-11-23", say=say)
    return text.splitlines()


def test_korean() -> None:
    assert lines(REPORT, *ROWS, *PRAISE, OLDER) == [
        "리뷰 요약: 내장 데모 사이트",
        "2026-11-23 이후 신규 리뷰 1,234건이 들어왔습니다.",
        "2026년 11월 리뷰 20건 중 5건(25%)이 불만입니다. 2026년 10월에는 10%였습니다.",
        "2026년 11월에 주차 불만이 늘었습니다. 언급 중 불만 비율이 10%에서 40%로 올랐습니다.",
        "불만이 두드러진 주제: 소음(언급 120건 중 33%), 주차(언급 120건 중 25%), "
        "관리비(언급 120건 중 15%).",
        "“5번째 불만” (가나, 2026-11-05)",
        "“4번째 불만” (가나, 2026-11-04)",
        "“3번째 불만” (가나, 2026-11-03)",
    ]


def test_english() -> None:
    assert lines(REPORT, *ROWS, *PRAISE, OLDER, language="en")[:5] == [
        "Review digest: bundled demo site",
        "New reviews since 2026-11-23: 1,234.",
        "2026-11: 5 of 20 reviews (25%) are complaints; 2026-10: 10%.",
        "주차 got worse in 2026-11: complaints rose from 10% to 40% of its mentions.",
        "Most criticised: 소음 (33% of 120 mentions), 주차 (25% of 120 mentions), "
        "관리비 (15% of 120 mentions).",
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_nothing_new_and_nothing_changed_is_said(language: Language) -> None:
    say = Phrases(language)
    text = digest(
        report({}), judged(*PRAISE), source="리뷰.csv", new=0, since="2026-11-23", say=say
    ).splitlines()
    assert text[1] == say.plain("digest_new_none", since="2026-11-23")
    assert text[-1] == say.plain("digest_no_change")
    assert len(text) == 4


def test_without_periods_nothing_is_compared() -> None:
    assert len(lines(replace(report({}), periods=()))) == 2


def test_complaints_are_counted_as_in_the_report() -> None:
    of_one_review = [
        {"text": text, "review_id": "1", "is_complaint": is_complaint}
        for text, is_complaint in (("좋다", False), ("주차가 불편", True))
    ]
    shown = lines(REPORT, *of_one_review, *PRAISE)[2]
    assert shown.startswith("2026년 11월 리뷰 16건 중 1건(6%)이 불만입니다.")


def test_clear_complaints_come_before_newer_ones() -> None:
    unclear = [{"text": "애매", "positive": 0.45, "date": "2026-11-30"}]
    assert not any("애매" in line for line in lines(REPORT, *ROWS, *unclear))
    assert "애매" in lines(REPORT, *ROWS[:2], *unclear)[-3]
    assert not any("좋다" in one for one in lines(REPORT, {"text": "좋다", "is_complaint": False}))


def test_hostile_reviews_topics_and_groups_are_inert() -> None:
    hostile = report(dict.fromkeys(HOSTILE, (30, 50)), changed(HOSTILE[0]))
    rows = [{"text": text, "group": text} for text in HOSTILE]
    for language in ("en", "ko"):
        shown = lines(hostile, *rows, *PRAISE, language=language)
        assert len(shown) == 8
        for active in ("<", ">", "@", "://", "evil.com", "](", "*", "`", "\x1b", "\u202e"):
            assert active not in "\n".join(shown)


def test_a_long_complaint_is_cut() -> None:
    assert len(lines(REPORT, {"text": "길다 " * 1000})[-1]) < 150
