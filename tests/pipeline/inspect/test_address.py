"""Settings suggested for a page, by crawling with them."""

from __future__ import annotations

import html
import json
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.errors import SettingsError, SourceError
from pipeline.inspect.address import inspect_address
from pipeline.settings import JsonSource
from tests.pipeline.inspect.sites import address, crawled
from tests.site import Answer, Site

TEXTS = [
    ("방이 깨끗하고 직원이 친절해요", 5, "2026-10-03"),
    ("주차하기가 너무 힘들었어요", 2, "2026-10-02"),
    ("조식이 맛있어서 또 오고 싶습니다", 4, "2026-10-02"),
    ("가격에 비해 별로예요 다시는 안 가요", 1, "2026-09-30"),
    ("위치가 좋고 조용해서 잘 쉬었어요", 5, "2026-09-28"),
]
AROUND = """
<nav><ul class="menu">
<li><a href="/">홈으로 가기</a></li>
<li><a href="/hotels">호텔 전체 보기</a></li>
<li><a href="/help">고객센터 안내</a></li>
<li><a href="/login">로그인하기</a></li>
</ul></nav>
<div class="cards">
<div class="card"><h3>서울 도심 호텔 특가</h3><b>89,000원</b></div>
<div class="card"><h3>제주 바다 전망 숙소</h3><b>120,000원</b></div>
</div>
"""


class Row(NamedTuple):
    number: int
    text: str
    rating: int
    date: str


ROWS = [Row(number, *one) for number, one in enumerate(TEXTS, 101)]


def page_of(reviews: str, *, head: str = "", after: str = "") -> str:
    return (
        f"<!doctype html><html><head>{head}</head><body>{AROUND}{reviews}{after}"
        "<footer><p>이용약관과 개인정보 처리방침을 확인하세요</p></footer></body></html>"
    )


def items(form: str, around: str = "<ul class='list'>{}</ul>") -> str:
    written = (form.format(**one._asdict(), bar=20 * one.rating) for one in ROWS)
    return page_of(around.format("".join(written)))


BY_CLASSES = items(
    "<li class='rv'><span class='nick'>이*영</span><em class='rating'>{rating}점</em>"
    "<p class='txt'>{text}</p><span class='day'>{date}</span></li>"
)
BY_BARS = items(
    "<li class='item item-{number}'><div class='star'><i style='width: {bar}%'></i></div>"
    "<div class='body'>{text}</div><time datetime='{date}T10:00:00+09:00'>며칠 전</time></li>"
)
BY_MICRODATA = items(
    "<div itemprop='review' id='r{number}'><meta itemprop='ratingValue' content='{rating}'>"
    "<span itemprop='author'>김철수</span><div itemprop='reviewBody'>{text}</div>"
    "<meta itemprop='datePublished' content='{date}'></div>",
    "<section>{}</section>",
)
BY_TAGS = items(
    "<tr><td>{rating}</td><td>{text}</td><td>{date}</td></tr>",
    "<table id='reviews'><tbody>{}</tbody></table>",
)
BY_LABELS = items(
    "<article data-review-id='{number}' class='css-1x{number}'><span "
    "aria-label='5점 만점에 {rating}점'></span><div><p>{text}</p></div><small>{date}</small>"
    "<div class='reply'><p>사장님 답글</p></div></article>",
    "<main>{}</main>",
)
BY_NAMESPACES = items(
    "<x:li><x:em>{rating}점</x:em><o:p>{text}</o:p><a.b>{date}</a.b></x:li>", "<x:ul>{}</x:ul>"
)
LINKED_DATA = page_of(
    "<p>리뷰를 불러오는 중입니다</p>",
    head="<script type='application/ld+json'>"
    + json.dumps(
        {
            "@type": "Hotel",
            "review": [
                {
                    "reviewBody": one.text,
                    "datePublished": one.date,
                    "reviewRating": {"ratingValue": str(one.rating), "bestRating": "5"},
                }
                for one in ROWS
            ],
        }
    )
    + "</script>",
)
STATE = {
    "menu": [{"title": "고객센터 안내", "order": 1}, {"title": "호텔 전체 보기", "order": 2}],
    "data": {
        "reviews": {"total": 5, "items": [one._asdict() | {"id": one.number} for one in ROWS]}
    },
}
SCRIPT = page_of("", after=f"<script>window.__STATE__ = {json.dumps(STATE)};</script>")
API = json.dumps(STATE)


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        pytest.param(BY_CLASSES, "html", id="classes"),
        pytest.param(BY_BARS, "html", id="bars"),
        pytest.param(BY_MICRODATA, "html", id="microdata"),
        pytest.param(BY_TAGS, "html", id="tags"),
        pytest.param(BY_LABELS, "html", id="labels"),
        pytest.param(BY_NAMESPACES, "html", id="names with colons"),
        pytest.param(LINKED_DATA, "json", id="linked data"),
        pytest.param(SCRIPT, "json", id="script"),
        pytest.param(API, "json", id="api"),
        pytest.param(f")]}}',\n{API}", "json", id="api with a guard"),
    ],
)
def test_suggested_settings_read_the_page(site: Site, tmp_path: Path, page: str, kind: str) -> None:
    site.answers["/reviews"] = Answer(page)
    found = inspect_address(address(site, "/reviews"))
    assert found.rows == len(ROWS)
    assert found.problems[0].startswith("these settings are a guess")
    assert tomllib.loads(found.toml)["source"]["kind"] == kind
    assert crawled(found.toml, tmp_path) == sorted(TEXTS)


TWO_SIDES = [
    ("역이 바로 앞이에요", "방이 좁아요"),
    ("조용하고 좋아요", "없음"),
    ("친절해요", "주차"),
]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(json.dumps([{"pros": a, "cons": b} for a, b in TWO_SIDES]), id="json"),
        pytest.param(
            "".join(f"<li class=rv><p class=pros>{a}<p class=cons>{b}</li>" for a, b in TWO_SIDES),
            id="html",
        ),
    ],
)
def test_two_sides(site: Site, tmp_path: Path, page: str) -> None:
    site.answers["/reviews"] = Answer(page)
    found = inspect_address(address(site, "/reviews"))
    texts = [text for text, _, _ in crawled(found.toml, tmp_path)]
    assert texts == sorted(text for both in TWO_SIDES for text in both if text != "없음")


@pytest.mark.parametrize("page", [BY_BARS, BY_MICRODATA, BY_LABELS, API])
def test_ids_are_found(site: Site, page: str) -> None:
    site.answers["/reviews"] = Answer(page)
    fields = tomllib.loads(inspect_address(address(site, "/reviews")).toml)["source"]["fields"]
    assert ("id" in fields) is (page is not BY_BARS)


@pytest.mark.parametrize(
    ("path", "link", "paging"),
    [
        ("/reviews", "<a rel='next nofollow' href='?p=2'>2</a>", {"link": "a[rel~='next']"}),
        ("/reviews", "<a class='btn-next' href='/r2'>다음</a>", {"link": "a.btn-next"}),
        ("/reviews", "<a href='/reviews?page=2'>2</a>", {"parameter": "page"}),
        ("/reviews?pageNo=3&x=1", "", {"parameter": "pageNo"}),
        ("/reviews?p=0", "", {"parameter": "p", "first": 0}),
        ("/reviews", "<a href='/other?page=2'>2</a><a class='context' href='/'>x</a>", None),
    ],
)
def test_paging(site: Site, path: str, link: str, paging: dict[str, Any] | None) -> None:
    site.answers[path] = Answer(BY_CLASSES.replace("<footer>", f"{link}<footer>"))
    found = inspect_address(address(site, path))
    assert tomllib.loads(found.toml)["source"].get("paging") == paging
    site.answers[path] = Answer(API)
    of_json = tomllib.loads(inspect_address(address(site, path)).toml)["source"].get("paging")
    numbered = paging and "?" in path
    assert of_json == ({"kind": "page", **paging} if paging and numbered else None)


def test_secrets_stay_out_of_the_suggestion(site: Site) -> None:
    site.answers["/reviews"] = Answer(API)
    found = inspect_address(address(site, "/reviews"))
    assert "geheim" not in str(found.as_dict())
    assert 'private_hosts = ["127.0.0.1"]' in found.toml


@pytest.mark.parametrize(
    "page",
    [
        page_of("<div id='root'></div>"),
        "[]",
        '"text"',
        json.dumps([{"name": "이름", "count": 3}] * 3),
        "",
        "<p>",
        html.escape(BY_CLASSES),
        "<div>" * 20_000 + "좋아요 정말 좋아요" + "</div>" * 20_000,
    ],
)
def test_pages_without_reviews(site: Site, page: str) -> None:
    site.answers["/reviews"] = Answer(page)
    with pytest.raises(SourceError, match="nothing on the page looks like a list of reviews"):
        inspect_address(address(site, "/reviews"))


def test_a_public_site_needs_a_contact() -> None:
    source = JsonSource.model_validate(
        {
            "kind": "json",
            "url": "https://shop.example.com/",
            "fields": {"text": "t", "rating": ""},
        }
    )
    with pytest.raises(SettingsError, match=r"source\.fetch\.contact is not set"):
        inspect_address(source)
