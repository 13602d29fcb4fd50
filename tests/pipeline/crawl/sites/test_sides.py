"""Reviews in two texts: what the reviewer liked, and what not."""

import csv
import json
import logging
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from pipeline.crawl.run import crawl
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.html import HtmlSite
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.crawl.sites.sides import CONS, PROS, says_something
from pipeline.errors import SourceError
from pipeline.reviews.review import NEGATIVE, POSITIVE, Review
from pipeline.reviews.store import Store
from pipeline.settings import FileSource, HtmlSource, JsonSource
from pipeline.settings.file import FileColumns

TODAY = date(2026, 11, 30)
URL = "http://h/reviews"
SIDES = {PROS: POSITIVE, CONS: NEGATIVE}


@pytest.mark.parametrize(
    "text",
    [
        *("", " - ", ".", "없음", "없습니다.", "X", "무", "N/A", "None", "Nothing really", "ㅋㅋ"),
        *(
            "딱히 없었습니다",
            "단점이 없어요!",
            "아쉬운 점은 딱히 없었습니다",
            "불편한 점 없음 ㅎㅎ",
        ),
        *("단점을 찾을 수 없어요", "특별히 없는 것 같아요", "아직 모르겠어요", "해당 사항 없음"),
        unicodedata.normalize("NFD", "없습니다"),
    ],
)
def test_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize(
    "text",
    [
        *("없어서 아쉬워요", "주차장이 없음", "조식이 없음", "와이파이 없음", "방음", "무료 주차"),
        *(
            "전혀 조용하지 않음",
            "단점은 방음",
            "불편함",
            "no parking",
            "nothing works",
            "10층",
            "👍 최고",
        ),
        *("部屋が狭い", unicodedata.normalize("NFD", "방이 좁아요")),
    ],
)
def test_something(text: str) -> None:
    assert says_something(text)


def read(store: Store, path: Path, columns: dict[str, str] | None = None) -> list[Review]:
    given = FileColumns(**(columns or {}))
    name = crawl(FileSource(kind="file", path=path, columns=given), store).sources[0]
    return [review for batch in store.read(name) for review in batch]


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_columns_with_usual_names(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = write(
        tmp_path / "hotel.csv",
        ["리뷰번호", "작성일", "평점", "좋았던 점", "아쉬웠던 점"],
        ["7", "2026-07-03", "9", "직원이 친절해요", "조식이 없음"],
        ["8", "2026-07-04", "10", "위치", "딱히 없었습니다"],
        ["9", "2026-07-05", "", "없음", "-"],
    )
    by_key = {(one.review_id, one.aspect): one for one in read(store, path)}
    assert by_key.keys() == {("7", ""), ("7", PROS), ("7", CONS), ("8", ""), ("8", PROS)}
    assert {one.date for one in by_key.values() if one.review_id == "7"} == {"2026-07-03"}
    assert [by_key["7", one].rating for one in ("", PROS, CONS)] == [9, None, None]
    assert by_key["7", CONS].text == "조식이 없음"
    for side, label in SIDES.items():
        assert by_key["7", side].label == label
    assert "pros 좋았던 점, cons 아쉬웠던 점" in caplog.text
    assert "reviews without labels" not in caplog.text


def test_the_whole_text_is_kept_beside_its_sides(store: Store, tmp_path: Path) -> None:
    path = write(
        tmp_path / "jobs.csv",
        ["review", "장점", "단점"],
        ["다닐 만한 회사", "점심", "야근"],
        ["그저 그래요", "", ""],
        ["", "", "연봉"],
    )
    found = [(one.review_id, one.aspect, one.text, one.label) for one in read(store, path)]
    assert sorted(found) == [
        ("row 1", "", "다닐 만한 회사", None),
        ("row 1", CONS, "야근", NEGATIVE),
        ("row 1", PROS, "점심", POSITIVE),
        ("row 2", "", "그저 그래요", None),
        ("row 3", CONS, "연봉", NEGATIVE),
    ]


def test_ratings_of_aspects_belong_to_the_whole_review(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["pros", "cons", "청결도"], ["위치", "소음", "3"])
    source = FileSource(kind="file", path=path, aspect_ratings={"청결": "청결도"})
    name = crawl(source, store).sources[0]
    found = {one.aspect: one.aspect_ratings for batch in store.read(name) for one in batch}
    assert found == {"": {"청결": 3}, PROS: {}, CONS: {}}


def test_one_usual_name_alone_is_not_read(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["review", "단점"], ["좋아요", "없음"], ["별로", "소음"])
    assert {one.aspect for one in read(store, path)} == {""}


def test_columns_that_the_settings_name(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["review", "불만"], ["좋아요", "없음"], ["별로", "소음"])
    assert [one.text for one in read(store, path, {"cons": "불만"}) if one.aspect] == ["소음"]
    with pytest.raises(SourceError, match="has no column 아쉬움; its columns are: review, 불만"):
        read(store, path, {"cons": "아쉬움"})


def test_columns_that_the_settings_ignore(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", ["review", "pros", "cons"], ["좋아요", "역", "소음"])
    (review,) = read(store, path, {"pros": "", "cons": ""})
    assert review.text == "좋아요"


def from_json(*items: object, text: str = "", **fields: str) -> list[Review]:
    settings = JsonSource.model_validate(
        {
            "kind": "json",
            "url": URL,
            "fields": {"text": text, "rating": "score", "pros": "good", "cons": "bad", **fields},
        }
    )
    page = Page(url=URL, text=json.dumps(items))
    return list(JsonSite(settings, today=TODAY).parse(Request(url=URL), page).reviews)


def test_json() -> None:
    whole, pros, cons = from_json({"score": 4, "good": "조용해요", "bad": "좁아요"})
    assert (whole.text, whole.rating, whole.label) == ("", 4, None)
    assert [(one.aspect, one.text, one.rating, one.label) for one in (pros, cons)] == [
        (PROS, "조용해요", None, POSITIVE),
        (CONS, "좁아요", None, NEGATIVE),
    ]
    assert len({whole.review_id, pros.review_id, cons.review_id}) == 1


def test_ids_by_content_depend_on_the_sides() -> None:
    items = [{"score": 4, "good": one, "bad": None} for one in ("조용해요", "친절해요")]
    assert len({one.review_id for one in from_json(*items)}) == 2
    turned = [{"score": 4, side: "조용해요"} for side in ("good", "bad")]
    assert len({one.review_id for one in from_json(*turned)}) == 2


def test_items_without_a_side_are_skipped_and_pages_without_any_refused() -> None:
    assert len(from_json({"good": "조용해요"}, {"score": 3})) == 1
    with pytest.raises(SourceError, match="no item has a valid text at 'good'"):
        from_json({"score": 3}, {"score": 4})
    with pytest.raises(SourceError, match=r"expected text at 'bad'.+check source.fields.cons"):
        from_json({"good": "조용해요", "bad": {"text": "좁아요"}})


def test_html() -> None:
    page = "".join(
        f"<li><b>{title}</b>{good}{bad}</li>"
        for title, good, bad in [
            ("최고", "<i class=g>역이 가까움</i>", "<i class=b>없어요</i>"),
            ("", "", "<i class=b>층간 소음</i>"),
        ]
    )
    fields = {"text": "b", "rating": "", "pros": ".g", "cons": ".b"}
    settings = HtmlSource.model_validate(
        {"kind": "html", "url": URL, "item": "li", "fields": fields}
    )
    parsed = HtmlSite(settings, today=TODAY).parse(Request(url=URL), Page(url=URL, text=page))
    assert [(one.aspect, one.text, one.label) for one in parsed.reviews] == [
        ("", "최고", None),
        (PROS, "역이 가까움", POSITIVE),
        (CONS, "층간 소음", NEGATIVE),
    ]


@pytest.mark.parametrize(
    ("model", "source"),
    [
        (JsonSource, {"kind": "json", "url": URL}),
        (HtmlSource, {"kind": "html", "url": URL, "item": "li"}),
    ],
)
def test_a_source_needs_a_text_or_a_side(
    model: type[JsonSource | HtmlSource], source: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="set text, or pros and cons"):
        model.model_validate(source | {"fields": {"text": "", "rating": ""}})
    model.model_validate(source | {"fields": {"text": "", "rating": "", "cons": "bad"}})
