import json
import re
from datetime import date
from typing import Any

import pytest

from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.errors import SourceError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, Review
from pipeline.settings import JsonSource

TODAY = date(2026, 11, 30)
URL = "http://h/api/reviews?limit=2"
FIELDS = {"id": "id", "text": "body", "rating": "user.grade", "date": "at"}
ITEM: dict[str, Any] = {
    "id": 7,
    "body": "좋아요\n추천",
    "user": {"grade": 4.5, "name": "홍길동"},
    "at": "2026-01-05T23:30:00Z",
}


def site(author: Pseudonym | None = None, **settings: Any) -> JsonSite:
    values: dict[str, Any] = {"kind": "json", "url": URL, "items": "data.list", "fields": FIELDS}
    return JsonSite(JsonSource.model_validate(values | settings), today=TODAY, author=author)


def parse(*items: Any, number: int = 1, **settings: Any) -> Parsed:
    return parse_answer({"data": {"list": items}}, number=number, **settings)


def parse_answer(answer: Any, *, number: int = 1, **settings: Any) -> Parsed:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return site(**settings).parse(Request(url=URL, number=number), Page(url=URL, text=text))


def test_item_becomes_a_review() -> None:
    parsed = parse(ITEM)
    assert parsed.reviews == [
        Review(
            source=f"json:{URL}",
            review_id="7",
            text="좋아요\n추천",
            rating=4.5,
            date="2026-01-06",
        )
    ]
    assert (parsed.next_page, parsed.skipped) == (None, {})


def test_field_paths_may_be_nested_and_index_lists() -> None:
    item = {"a": {"b": [{"c": "글"}]}, "r": ["3"], "film": {"code": 12, "title": "영화"}}
    fields = {"text": "a.b.0.c", "rating": "r.0", "group": "film.code", "group_name": "film.title"}
    (review,) = parse(item, fields=fields).reviews
    assert (review.text, review.rating) == ("글", 3)
    assert (review.group, review.group_name) == ("12", "영화")
    assert re.fullmatch("sha256:[0-9a-f]{24}", review.review_id)


def test_response_itself_may_be_the_list() -> None:
    assert len(parse_answer([ITEM], items="").reviews) == 1
    assert len(parse_answer("\ufeff" + json.dumps([ITEM]), items="").reviews) == 1
    assert parse_answer({"data": {"list": None}}).reviews == []


@pytest.mark.parametrize(
    ("written", "rating"),
    [
        (4, 4),
        (4.56789, 4.568),
        (0, 0),
        ("4.5", 4.5),
        ("5점", 5),
        ("-1", -1),
        ("★★★★☆", 4),
        ("별로", None),
        (True, None),
        (None, None),
        ({"value": 4}, None),
        (float("nan"), None),
        (10**400, None),
    ],
)
def test_rating_may_be_a_number_or_string(written: Any, rating: float | None) -> None:
    parsed = parse(ITEM, ITEM | {"id": 8, "user": {"grade": written}})
    assert parsed.reviews[1].rating == rating
    assert not parsed.skipped


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", ""),
        (None, ""),
        (12, ""),
        ("가\0나\ud800다\ud83d\ude00", "가나\ufffd다😀"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u202e글 " * 25_000, "\u202e글 " * 25_000),
    ],
)
def test_text_is_not_modified(written: Any, text: str) -> None:
    assert parse(ITEM | {"body": written}).reviews[0].text == text


@pytest.mark.parametrize("written", [{"ko": "글"}, ["글"]])
def test_text_that_is_an_object_is_an_error(written: Any) -> None:
    with pytest.raises(
        SourceError, match=r"expected text at 'body', got .*: check source\.fields\.text"
    ):
        parse(ITEM, ITEM | {"body": written})


@pytest.mark.parametrize(
    ("written", "expected"),
    [(1795424400, "2026-11-23"), (1795424400000, "2026-11-23"), ("7일 전", "2026-11-23")],
)
def test_date_may_be_a_number(written: Any, expected: str) -> None:
    assert parse(ITEM | {"at": written}).reviews[0].date == expected
    assert parse(ITEM | {"at": {"day": 1}}).reviews[0].date == ""


def test_ratings_may_be_texts_and_the_settings_apply_to_them() -> None:
    def rating(written: Any, **settings: Any) -> float | None:
        return parse(ITEM | {"user": {"grade": written}}, ITEM, **settings).reviews[0].rating

    assert rating("8/10") == 8
    assert rating("4.5 (123)") is None
    assert rating("4.5 (123)", rating_pattern=r"[\d.]+") == 4.5
    assert rating(80, rating_factor=0.05) == 4
    assert rating(True) is None


@pytest.mark.parametrize(
    ("written", "label"),
    [
        (True, POSITIVE),
        (False, NEGATIVE),
        ("추천", POSITIVE),
        (-1, NEGATIVE),
        ("보통", NEUTRAL),
        ("", None),
        (None, None),
    ],
)
def test_a_label_is_a_boolean_or_a_value_with_a_meaning(written: Any, label: int | None) -> None:
    values = {"추천": "positive", "-1": "negative", "보통": "neutral"}
    fields = FIELDS | {"label": "vote"}
    parsed = parse(ITEM | {"vote": written}, fields=fields, values=values)
    assert parsed.reviews[0].label == label
    assert not parsed.unread


def test_booleans_may_have_another_meaning_and_unknown_labels_are_counted() -> None:
    fields = FIELDS | {"label": "sold"}
    given = [ITEM | {"id": n, "sold": one} for n, one in enumerate((True, False, "뭐"))]
    parsed = parse(*given, fields=fields, values={"true": "negative"})
    assert [review.label for review in parsed.reviews] == [NEGATIVE, NEGATIVE, None]
    assert list(parsed.unread) == [("labels", "뭐")]
    assert parse(ITEM | {"user": {"grade": "FIVE"}}, values={"FIVE": 5}).reviews[0].rating == 5


def test_values_that_are_not_understood_are_counted() -> None:
    parsed = parse(ITEM, ITEM | {"id": 8, "user": {"grade": "4.5 (123)"}, "at": "뒤집기"})
    assert list(parsed.unread) == [("dates", "뒤집기"), ("ratings", "4.5 (123)")]


def test_the_time_zone_is_a_setting() -> None:
    assert parse(ITEM, timezone="America/New_York").reviews[0].date == "2026-01-05"


def test_items_without_id_or_text_are_skipped() -> None:
    anonymous, silent = ITEM | {"id": None}, {key: ITEM[key] for key in ("id", "user")}
    empty = ITEM | {"id": 9, "body": " ", "user": {"grade": None}}
    parsed = parse(ITEM, anonymous, silent, empty, "글", 5)
    assert len(parsed.reviews) == 1
    assert parsed.skipped == {"no id": 3, "no text": 2}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id": "no"}, "id at 'no', the first item is an object with id, body, user, at"),
        ({"text": "x.y"}, "text at 'x.y', the first item is an object with id, body, user, at"),
        ({"rating": "score"}, "rating at 'score', .* check source.fields.rating"),
        (
            {"rating": "user"},
            "rating at 'user', the first item has an object with grade, name there",
        ),
    ],
)
def test_field_that_all_items_lack_is_an_error(fields: dict[str, str], message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse(ITEM, fields=FIELDS | fields)
    assert str(caught.value).startswith(URL)
    with pytest.raises(SourceError, match=message):
        parse(ITEM, ITEM, number=2, fields=FIELDS | fields)
    parse(ITEM, number=2, fields=FIELDS | fields)


def test_reviews_without_ratings_are_valid() -> None:
    unrated = ITEM | {"user": {"grade": None}}
    assert parse(unrated, unrated | {"id": 8}).reviews[1].rating is None
    assert parse(ITEM, fields=FIELDS | {"rating": ""}).reviews[0].rating is None


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("<html>", "expected JSON, got '<html>'"),
        ("", "expected JSON, got ''"),
        ("[" * 100_000, r"expected JSON, got '\[\["),
        (
            {"data": {"items": [], "total": 0}},
            "expected a list at 'data.list', got an object with items",
        ),
        (
            {"error": "x"},
            "expected a list at 'data.list', got an object with error: check source.items",
        ),
        ({"data": {"list": "x"}}, "expected a list at 'data.list', got 'x'"),
        ({"data": {"list": {}}}, "expected a list at 'data.list', got an object with no keys"),
        ([], "expected a list at 'data.list', got a list of 0"),
    ],
)
def test_unexpected_response_is_an_error(answer: Any, message: str) -> None:
    for number in (1, 2):
        with pytest.raises(SourceError, match=message):
            parse_answer(answer, number=number)


def test_first_of_different_reviews_with_the_same_id_is_kept() -> None:
    parsed = parse(ITEM, ITEM, ITEM | {"body": "나빠요"}, ITEM | {"id": "7", "at": ""})
    assert [review.text for review in parsed.reviews] == ["좋아요\n추천"]
    assert parsed.skipped == {"repeated id": 2}


def test_author_is_read_only_with_a_key() -> None:
    fields, author = FIELDS | {"author": "user.name"}, Pseudonym(b"key")
    assert parse(ITEM, fields=fields).reviews[0].author == ""
    assert parse(ITEM, author=author).reviews[0].author == ""
    assert parse(ITEM, fields=fields, author=author).reviews[0].author == author.of("홍길동")


def test_fifty_thousand_items_are_parsed() -> None:
    parsed = parse(*(ITEM | {"id": number} for number in range(50_000)))
    assert len(parsed.reviews) == 50_000
