"""The id and the text of a review: its own, not those of a person, a product or a reply."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.inspect.address import inspect_address
from tests.pipeline.inspect.sites import address, crawled, fields_of
from tests.pipeline.inspect.tables import inspect, write
from tests.site import Answer, Site

TEXTS = ["방이 깨끗하고 조용해요", "주차가 힘들었어요", "조식이 맛있어요", "다시는 안 가요"]
NUMBERS = ["100273", "100264", "100251", "100243"]
THANKS = "고객님 소중한 후기를 남겨 주셔서 진심으로 감사드립니다 또 찾아 주세요"


def items(form: dict[str, Any]) -> list[Any]:
    """Reviews as JSON; ``NUMBER``, ``USER`` and ``TEXT`` stand for values that differ."""

    def fill(value: Any, row: int) -> Any:
        if isinstance(value, dict):
            return {key: fill(one, row) for key, one in value.items()}
        given = {"NUMBER": int(NUMBERS[row]), "USER": f"u{row}7", "TEXT": TEXTS[row], "ROW": row}
        return given.get(value, value) if isinstance(value, str) else value

    return [{**fill(form, row), "rating": 5 - row} for row in range(len(TEXTS))]


@pytest.mark.parametrize(
    ("form", "identity"),
    [
        ({"reviewNo": "NUMBER", "member": {"id": "USER"}}, "reviewNo"),
        ({"user": {"id": "USER"}, "reviewSeq": "NUMBER"}, "reviewSeq"),
        ({"userProfileInfo": {"id": "USER"}, "review_id": "NUMBER"}, "review_id"),
        ({"userId": "USER", "orderReviewNo": "NUMBER", "id": "USER"}, "orderReviewNo"),
        ({"memberNo": "USER", "customerNo": "USER", "no": "NUMBER"}, "no"),
        ({"mbId": "USER", "idx": "NUMBER"}, "idx"),
        ({"writer": {"id": "USER"}, "unum": "NUMBER"}, "unum"),
        ({"nickname": "USER", "commentNo": "NUMBER"}, "commentNo"),
        ({"profile": {"seq": "USER"}, "wr_id": "NUMBER"}, "wr_id"),
        ({"postId": "NUMBER", "author": {"id": "USER"}}, "postId"),
        ({"회원": {"id": "USER"}, "리뷰번호": "NUMBER"}, "리뷰번호"),
        ({"node": {"author": {"id": "USER"}, "id": "NUMBER"}}, "node.id"),
        ({"product": {"id": "NUMBER"}, "review": {"id": "NUMBER"}}, "review.id"),
        ({"member": {"id": "USER"}}, None),
        ({"author": {"id": "USER"}, "customer": {"no": "USER"}, "reviewerId": "USER"}, None),
        ({"product": {"id": "NUMBER"}, "shop": {"no": "NUMBER"}, "images": {"id": "USER"}}, None),
        ({"reviewUserNo": "USER", "userReviewNo": "NUMBER"}, "userReviewNo"),
        ({"no": "ROW", "id": "NUMBER"}, "id"),
        ({"id": "k***", "reviewIdx": "NUMBER"}, "reviewIdx"),
        ({"seq": "ROW"}, None),
        ({"reviewNo": 7, "member": {"id": "USER"}}, None),
    ],
)
def test_the_id_in_json(site: Site, form: dict[str, Any], identity: str | None) -> None:
    assert fields_of(site, items({**form, "content": "TEXT"})).get("id") == identity


def elements(form: str) -> str:
    rows = zip(TEXTS, NUMBERS, strict=True)
    return "".join(
        form.format(text=text, number=number, row=row, rating=5 - row, user=f"u{row}7", day=3 + row)
        for row, (text, number) in enumerate(rows)
    )


@pytest.mark.parametrize(
    ("attributes", "inner", "identity"),
    [
        ("data-user-no='{user}' data-review-no='{number}'", "", "@data-review-no"),
        ("data-memberid='{user}' data-no='{number}'", "", "@data-no"),
        ("data-review-user-no='{user}'", "", None),
        ("data-mb-id='{user}' id='rv-{number}'", "", "@id"),
        ("data-product-no='{number}' data-writer-key='{user}'", "", None),
        ("id='review-{row}'", "", None),
        ("data-rid='{number}'", "<b class='id'>{user}</b>", "@data-rid"),
        ("", "<b class='id'>{user}</b>", None),
        ("", "<a data-review-id='{number}' data-user-id='{user}'>추천</a>", "a@data-review-id"),
    ],
)
def test_the_id_in_html(site: Site, attributes: str, inner: str, identity: str | None) -> None:
    form = f"<li class='rv' {attributes}>{inner}<em>{{rating}}점</em><p class='t'>{{text}}</p></li>"
    found = fields_of(site, f"<ul>{elements(form)}</ul>").get("id")
    assert (found or "").removeprefix(":scope > ") == (identity or "")


REPLY = {"id": "NUMBER", "comment": THANKS, "rating": 5, "created_at": "2020-01-01"}


@pytest.mark.parametrize(
    "reply",
    [
        {"owner_reply": REPLY},
        {"reply": {"review": REPLY}},
        {"sellerAnswer": REPLY, "adminContent": THANKS, "답변": THANKS, "shopComment": THANKS},
        {"ceo": REPLY, "managerMessage": THANKS, "replyDate": "2020-01-01"},
        {"review_reply": {"text": THANKS}, "hotelInfo": {"description": THANKS}},
        {"comments": [{"nickname": "사장님", "contents": THANKS, "regDate": "2020-01-01"}] * 9},
        {"member": {"introduction": THANKS, "createdDate": "2020-01-01"}},
        {
            "goodsTitle": THANKS,
            "memberNickname": THANKS,
            "hotelInfo": {"rating": 2, "text": THANKS},
        },
    ],
)
@pytest.mark.parametrize("name", ["comment", "contents"])
def test_replies_in_json(site: Site, tmp_path: Path, reply: dict[str, Any], name: str) -> None:
    form = {**reply, "id": "NUMBER", name: "TEXT", "created_at": "2026-11-03"}
    fields = fields_of(site, {"reviews": items(form)})
    assert fields == {"id": "id", "text": name, "rating": "rating", "date": "created_at"}
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    assert [text for text, _, _ in found] == sorted(TEXTS)


def test_texts_are_not_lists_or_objects(site: Site) -> None:
    form = {"review": {"tags": ["아주 긴 꼬리표입니다", "깨끗하고 조용해요"]}, "body": "TEXT"}
    assert fields_of(site, items(form))["text"] == "body"


def test_a_list_of_comments(site: Site) -> None:
    form = {"replyNo": "NUMBER", "replyText": "TEXT", "reply": {"text": THANKS}}
    fields = fields_of(site, {"replies": items(form)})
    assert (fields["id"], fields["text"]) == ("replyNo", "replyText")


@pytest.mark.parametrize(
    "reply",
    [
        "<div class='reply'><i class='day'>2020-01-01</i><p class='t'>{0}</p></div>",
        "<div class='ownerComment'><i class='day'>2020-01-01</i><p class='t'>{0}</p></div>",
        "<div id='answer-{1}'><p>{0}</p></div>",
        "<dl><dt>판매자 답변</dt><dd>{0}</dd></dl>",
        "<div class='box'><strong>사장님</strong><p>{0}</p></div>",
        "<ul class='answers'><li><p>{0}</p><i>2020</i></li><li><p>{0}</p></li></ul>",
    ],
)
def test_replies_in_html(site: Site, tmp_path: Path, reply: str) -> None:
    written = reply.format(THANKS, "{number}")
    form = (
        f"<li class='rv has-reply'><div class='review-with-reply'>{written}<em>{{rating}}점</em>"
        "<p class='t'>{text}</p><i class='day'>2026-11-0{day}</i></div></li>"
    )
    site.answers["/reviews"] = Answer(f"<ul class='list'>{elements(form)}</ul>")
    found = crawled(inspect_address(address(site, "/reviews")).toml, tmp_path)
    rows = enumerate(TEXTS)
    assert found == sorted((text, 5.0 - row, f"2026-11-0{3 + row}") for row, text in rows)


def test_values_of_a_file_of_objects(tmp_path: Path) -> None:
    reply = {"owner_reply": {"id": "NUMBER", "comment": THANKS, "date": "2020-01-01"}}
    form = {**reply, "user": {"id": "USER"}, "info": {"no": 1, "review": "TEXT"}}
    lines = [json.dumps(one, ensure_ascii=False) for one in items(form)]
    found = inspect(write(tmp_path / "a.jsonl", lines))
    taken = {one.taken_for: one.name for one in found.columns if one.taken_for}
    assert taken == {"text": "info.review", "rating": "rating"}


def test_a_column_of_replies_is_not_the_text_of_a_file(tmp_path: Path) -> None:
    rows = [f"{text},{THANKS}" for text in TEXTS]
    found = inspect(write(tmp_path / "a.csv", ["고객 의견,사장님 답글", *rows]))
    assert "고객 의견 looks like the text" in found.problems[0]
    found = inspect(write(tmp_path / "b.csv", ["문항,답변", *(f"1,{text}" for text in TEXTS)]))
    assert "답변 looks like the text" in found.problems[0]
