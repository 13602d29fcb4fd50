import re
import time
from datetime import date
from typing import Any

import pytest
import requests

from pipeline.crawl.demo_site import DemoSite
from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.html import HtmlSite
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.review import Review
from pipeline.settings import HtmlSource

TODAY = date(2026, 11, 30)
URL = "http://h/list"
FIELDS = {
    "id": "@data-id",
    "text": ".text",
    "rating": ".score",
    "date": "time",
    "group": ".complex",
}
ITEM = """
<div class=review data-id=7><b class=complex>한별</b> <i class=score>평점 4.5점</i>
<time>2026. 1. 5.</time><p class=text>좋아요 &amp; <b>조용</b>해요<br>추천</p></div>
"""


def site(author: Pseudonym | None = None, **settings: Any) -> HtmlSite:
    values: dict[str, Any] = {"kind": "html", "url": URL, "item": ".review", "fields": FIELDS}
    return HtmlSite(HtmlSource.model_validate(values | settings), today=TODAY, author=author)


def parse(html: str, *, number: int = 1, url: str = URL, **settings: Any) -> Parsed:
    return site(**settings).parse(Request(url=url, number=number), Page(url=url, text=html))


def without(*fields: str) -> dict[str, str]:
    return {name: selector for name, selector in FIELDS.items() if name not in fields}


def test_item_becomes_a_review() -> None:
    parsed = parse(ITEM)
    assert parsed.reviews == [
        Review(
            source=f"html:{URL}",
            review_id="7",
            text="좋아요 & 조용해요\n추천",
            rating=4.5,
            date="2026-01-05",
            group="한별",
        )
    ]
    assert (parsed.next_page, parsed.requests, parsed.skipped) == (None, (), {})


def test_list_of_the_demo_site_is_parsed_to_its_end(demo_site: DemoSite) -> None:
    source = site(url=f"{demo_site.url}/reviews", paging={"link": ".next"})
    (request,) = source.start()
    reviews: list[Review] = []
    following: Request | None = request
    while following:
        answer = requests.get(following.url, timeout=10)
        parsed = source.parse(following, Page(url=following.url, text=answer.text))
        reviews += parsed.reviews
        following = parsed.next_page
    assert len({review.review_id for review in reviews}) == len(reviews) == demo_site.reviews
    dates = [review.date for review in reviews]
    assert dates == sorted(dates, reverse=True)
    assert all(review.rating in {1, 2, 3, 4, 5} for review in reviews)


@pytest.mark.parametrize(
    ("shown", "selector", "settings", "rating"),
    [
        ("<i class=score>4</i>", ".score", {}, 4),
        (
            "<i class=score>10점 만점에 7.25점</i>",
            ".score",
            {"rating_pattern": r"에 ([\d.]+)"},
            7.25,
        ),
        (
            "<i class=star style='width: 80%'></i>",
            ".star@style",
            {"rating_pattern": r"width:\s*(\d+)%", "rating_factor": 0.05},
            4,
        ),
        ("<i class=score>10점 만점에 7.25점</i>", ".score", {}, 7.25),
        ("<i class=score>Rated 4 out of 5</i>", ".score", {}, 4),
        ("<i class='star s3'></i>", ".star@class", {"rating_pattern": r"s(\d)"}, 3),
        ("<i class=score>★★★★☆</i>", ".score", {}, 4),
        ("<i class=score>1</i>", ".score", {"rating_factor": 1 / 3}, 0.333),
        ("<b><i class=on></i><i class=on></i><i></i><i></i><i></i></b>", "count(b > i.on)", {}, 2),
        ("<img src=/on.png><img src=/on.png><img src=/off.png>", "count([src*=on])", {}, 2),
    ],
)
def test_rating_is_parsed(
    shown: str, selector: str, settings: dict[str, Any], rating: float
) -> None:
    html = f"<div class=review data-id=1>{shown}<p class=text>글</p></div>"
    (review,) = parse(html, fields=FIELDS | {"rating": selector}, **settings).reviews
    assert review.rating == rating


def test_texts_of_several_paragraphs_are_read_whole() -> None:
    text = (
        "<p>첫 문단</p><p>둘째 문단</p><p class=re>사장님 답글</p><div><p>광고</p></div><p>끝</p>"
    )
    html = f"<div class=review data-id=1><i class=score>4</i>{text}</div>"
    (review,) = parse(html, fields=FIELDS | {"text": "p"}).reviews
    assert review.text == "첫 문단\n둘째 문단\n끝"


def test_buttons_are_no_text() -> None:
    html = ITEM.replace("추천</p>", "추천<button>더보기</button></p>")
    assert parse(html).reviews[0].text == "좋아요 & 조용해요\n추천"


def test_item_without_rating_or_date_is_kept() -> None:
    bare = "<div class=review data-id=8><p class=text>글</p><i class=score>없음</i></div>"
    parsed = parse(ITEM + bare)
    assert (parsed.reviews[1].rating, parsed.reviews[1].date) == (None, "")
    assert not parsed.skipped


def test_values_that_are_not_understood_are_counted() -> None:
    doubtful = ITEM.replace("평점 4.5점", "4.5 (12)").replace("data-id=7", "data-id=8")
    parsed = parse(ITEM + re.sub("<time>.*?</time>", "<time>곧</time>", doubtful))
    assert (parsed.reviews[1].rating, parsed.reviews[1].date) == (None, "")
    assert list(parsed.unread) == [("dates", "곧"), ("ratings", "4.5 (12)")]


def test_rating_selector_is_optional() -> None:
    assert parse(ITEM, fields=FIELDS | {"rating": ""}).reviews[0].rating is None


def test_rating_without_text_is_kept_and_empty_item_is_skipped() -> None:
    silent = "<div class=review data-id=8><p class=text></p><i class=score>5</i></div>"
    empty = "<div class=review data-id=9><p class=text> </p></div>"
    parsed = parse(ITEM + silent + empty)
    assert [(review.text, review.rating) for review in parsed.reviews[1:]] == [("", 5)]
    assert parsed.skipped == {"no text": 1}


def test_items_without_id_or_text_are_skipped() -> None:
    parsed = parse(ITEM + ITEM.replace("data-id=7", "") + ITEM.replace("class=text", ""))
    assert len(parsed.reviews) == 1
    assert parsed.skipped == {"no id": 1, "no text": 1}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "data-id=7",
            "",
            "has a valid id at '@data-id', the first item is '<div class=\"review\">",
        ),
        ("data-id=7", "data-id=", "check source.fields.id"),
        (
            "평점 4.5점",
            "평점 없음",
            r"a valid rating at '.score' with a number, .* source.fields.rating and source.rating",
        ),
        ("class=text", "", "has a valid text at '.text'"),
    ],
)
def test_field_that_all_items_lack_is_an_error(old: str, new: str, message: str) -> None:
    changed = ITEM.replace(old, new)
    with pytest.raises(SourceError, match=message) as caught:
        parse(changed)
    assert str(caught.value).startswith(f"{URL}: ")
    assert "\n" not in str(caught.value)
    with pytest.raises(SourceError, match=message):
        parse(changed * 2, number=2)
    parse(changed, number=2)


def test_only_the_first_page_must_have_an_item() -> None:
    with pytest.raises(SourceError, match=r"no element matches '\.review': check source\.item"):
        parse("<p>리뷰가 없습니다</p>")
    for html in ("<p>리뷰가 없습니다</p><a class=next href=?page=4>다음</a>", "", "http://h.html"):
        parsed = parse(html, number=3, paging={"link": ".next"})
        assert (parsed.reviews, parsed.next_page) == ((), None)


def test_default_id_is_a_hash_of_the_content() -> None:
    (review,) = parse(ITEM, fields=without("id")).reviews
    assert re.fullmatch("sha256:[0-9a-f]{24}", review.review_id)
    (again,) = parse(ITEM * 2, fields=without("id")).reviews
    assert again == review
    for old, new in (("4.5", "4"), ("조용", "시끄"), ("한별", "샛별"), ("1. 5", "1. 6")):
        (other,) = parse(ITEM.replace(old, new), fields=without("id")).reviews
        assert other.review_id != review.review_id


def test_relative_date_is_not_part_of_the_content_id() -> None:
    this, that = (
        parse(ITEM.replace("2026. 1. 5.", ago), fields=without("id")).reviews[0]
        for ago in ("6일 전", "1주 전")
    )
    assert this.date != that.date
    assert this.review_id == that.review_id


def test_first_of_different_reviews_with_the_same_id_is_kept() -> None:
    parsed = parse(ITEM + ITEM + ITEM.replace("조용", "시끄"))
    assert [review.text for review in parsed.reviews] == ["좋아요 & 조용해요\n추천"]
    assert parsed.skipped == {"repeated id": 1}


def test_author_is_read_only_with_a_key() -> None:
    html = ITEM.replace("<time>", "<b class=who>홍길동</b><time>")
    fields = FIELDS | {"author": ".who"}
    author = Pseudonym(b"key")
    assert parse(html, fields=fields).reviews[0].author == ""
    assert parse(html, author=author).reviews[0].author == ""
    (review,) = parse(html, fields=fields, author=author).reviews
    assert review.author == author.of("홍길동") != ""


def test_nested_item_is_a_separate_review() -> None:
    reply = "<div class=review data-id=8><i class=score>1</i><p class=text>답글</p></div>"
    outer = "<div class=review data-id=7><div class=text>글{}</div><i class=score>5</i></div>"
    reviews = parse(outer.format(reply)).reviews
    assert [(r.review_id, r.text, r.rating) for r in reviews] == [("7", "글", 5), ("8", "답글", 1)]


def test_scope_refers_to_the_item() -> None:
    html = "<div class=review data-id=1><i><b>5</b></i><b>3</b><p class=text>글</p></div>"
    (review,) = parse(html, fields=FIELDS | {"rating": ":scope > b"}).reviews
    assert review.rating == 3


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"item": "div["}, "source.item 'div\\['"),
        ({"fields": FIELDS | {"text": "p >"}}, "source.fields.text"),
        ({"paging": {"link": "a:nope("}}, "source.paging.link"),
    ],
)
def test_invalid_selector_is_an_error(settings: dict[str, Any], name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}.* is not a valid CSS selector") as caught:
        site(**settings)
    assert "\n" not in str(caught.value)


def test_at_sign_inside_a_selector_is_not_an_attribute() -> None:
    html = ITEM + "<div class=review data-id=8><a title='a@b'>글</a><i class=score>1</i></div>"
    parsed = parse(html, fields=FIELDS | {"text": '.text, [title="a@b"]'})
    assert [review.text for review in parsed.reviews] == ["좋아요 & 조용해요\n추천", "글"]
    parsed = parse(html, fields=FIELDS | {"text": '[title="a@b"]@title'})
    assert [review.text for review in parsed.reviews] == ["a@b"]


def test_malformed_pages_are_parsed() -> None:
    unclosed = "<div class=review data-id=8><i class=score>3<p class=text>열린 <b>글"
    declared = '<?xml version="1.0" encoding="euc-kr"?>\n<!doctype html>' + ITEM
    for html in (ITEM + unclosed, declared + unclosed, "\0\ud800" + ITEM + unclosed):
        assert [review.review_id for review in parse(html).reviews] == ["7", "8"]
    nul = parse(ITEM.replace("조용", "조\0용\u202e")).reviews[0]
    assert nul.text == "좋아요 & 조용\u202e해요\n추천"


def test_deeply_nested_and_long_pages_are_parsed() -> None:
    deep = "<b>" * 10_000 + "깊다" + "</b>" * 10_000
    long = "길어요 " * 33_000
    assert parse(ITEM.replace("조용", deep)).reviews[0].text.startswith("좋아요 & 깊다")
    assert len(parse(ITEM.replace("조용", long)).reviews[0].text) > 100_000
    begun = time.thread_time()
    nested = "".join(
        f"<div class=review data-id={number}><i class=score>3</i><span class=text>글"
        for number in range(2_000)
    )
    assert {review.text for review in parse(nested).reviews} == {"글"}
    assert time.thread_time() - begun < 5
