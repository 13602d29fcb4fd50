"""JSON in the scripts and attributes of HTML pages."""

import html
import json
from datetime import date
from typing import Any

import pytest

from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.errors import SettingsError, SourceError
from pipeline.settings import JsonSource

URL = "http://h/products/7"
LINKED_DATA = "script[type='application/ld+json']"
FIELDS = {"text": "reviewBody", "rating": "reviewRating.ratingValue", "date": "datePublished"}


def review(text: str, rating: str = "5") -> dict[str, Any]:
    return {
        "@type": "Review",
        "reviewRating": {"@type": "Rating", "ratingValue": rating},
        "datePublished": "2026-11-02",
        "reviewBody": text,
    }


PRODUCT = {"@type": "Product", "name": "이어폰", "review": [review("좋아요"), review("별로", "1")]}
BREADCRUMBS = {"@type": "BreadcrumbList", "itemListElement": [{"position": 1}]}


def linked_data(*answers: Any) -> str:
    scripts = (f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in answers)
    return page_with("".join(scripts))


def page_with(inside: str) -> str:
    return f"<!DOCTYPE html><html><head>{inside}</head><body><p>리뷰</p></body></html>"


def parse(
    text: str,
    *,
    script: str = LINKED_DATA,
    items: str = "review",
    request: Request | None = None,
    **settings: Any,
) -> Parsed:
    values = {"kind": "json", "url": URL, "script": script, "items": items, "fields": FIELDS}
    source = JsonSource.model_validate(values | settings)
    site = JsonSite(source, today=date(2026, 11, 30))
    return site.parse(request or Request(url=URL), Page(url=URL, text=text))


def test_reviews_of_linked_data() -> None:
    parsed = parse(linked_data(PRODUCT))
    found = [(one.text, one.rating, one.date) for one in parsed.reviews]
    assert found == [("좋아요", 5, "2026-11-02"), ("별로", 1, "2026-11-02")]


def test_the_script_with_reviews_is_read() -> None:
    empty = {"@type": "Product", "review": None}
    parsed = parse(linked_data(BREADCRUMBS, empty, PRODUCT, {"review": [review("다른 상품")]}))
    assert [one.text for one in parsed.reviews] == ["좋아요", "별로"]


def test_a_single_review_is_a_list_of_one() -> None:
    parsed = parse(linked_data(BREADCRUMBS, review("하나")), items="")
    assert [one.text for one in parsed.reviews] == ["하나"]


def test_scripts_without_json_are_skipped() -> None:
    text = linked_data(PRODUCT).replace("<head>", "<head><script>start();</script>")
    assert len(parse(text, script="script").reviews) == 2


@pytest.mark.parametrize(
    "written",
    [
        "{}",
        "\n  {}\n",
        "window.__DATA__ = {}",
        "window['__DATA__']={};",
        "var data = {};\nstart(data == {a: [1]});",
        "<!--\nwindow.__DATA__ = {}\n//-->",
    ],
)
def test_scripts_that_assign_the_json(written: str) -> None:
    answer = {"props": {"list": [review("</b> = { 좋아요 }")]}}
    script = f"<script id=data>{written.replace('{}', json.dumps(answer), 1)}</script>"
    (found,) = parse(page_with(script), script="#data", items="props.list").reviews
    assert found.text == "</b> = { 좋아요 }"


def test_an_attribute() -> None:
    answer = html.escape(json.dumps({"review": [review('"정말" 좋아요')]}))
    text = page_with("").replace("<p>", f'<div id=app data-page="{answer}"></div><p>')
    (found,) = parse(text, script="#app@data-page").reviews
    assert found.text == '"정말" 좋아요'


@pytest.mark.parametrize(
    ("text", "script", "line"),
    [
        (page_with(""), "#data", "no element matches '#data': check source.script"),
        (page_with("<div id=app></div>"), "#app@data-page", "no element matches '#app@data-page'"),
        (
            page_with("<script id=data>start({a: 1})</script>"),
            "#data",
            r"expected JSON at '#data', got 'start\(\{a: 1\}\)': check source.script",
        ),
        (page_with(f"<script id=data>{'[' * 10_000}</script>"), "#data", "expected JSON at"),
        (linked_data(BREADCRUMBS), LINKED_DATA, "expected a list at 'review', got an object with"),
        (linked_data(BREADCRUMBS, BREADCRUMBS), LINKED_DATA, "expected a list at 'review'"),
    ],
)
def test_a_first_page_without_reviews(text: str, script: str, line: str) -> None:
    with pytest.raises(SourceError, match=line):
        parse(text, script=script)


@pytest.mark.parametrize("script", ["script[", "@data-page"])
def test_an_invalid_selector(script: str) -> None:
    with pytest.raises(SettingsError, match=r"^source\.script"):
        parse(page_with(""), script=script)


def test_an_html_page_in_place_of_json() -> None:
    with pytest.raises(SourceError, match=r"if the JSON is in a script .*, set source\.script"):
        parse(linked_data(PRODUCT), script="")


PAGING = {"kind": "page", "parameter": "page"}


def after(*pages: int) -> Request:
    """The request that follows pages with so many reviews."""
    request = Request(url=URL)
    for count in pages:
        reviews = [review(f"리뷰 {request.number}-{one}") for one in range(count)]
        parsed = parse(
            linked_data(BREADCRUMBS, {"review": reviews}), request=request, paging=PAGING
        )
        assert parsed.next_page
        request = parsed.next_page
    return request


@pytest.mark.parametrize("text", [page_with(""), linked_data(BREADCRUMBS, BREADCRUMBS)])
def test_the_end_of_a_list(text: str) -> None:
    assert parse(text, request=after(3, 2), paging=PAGING).doubt == ""
    assert "the list may go on" in parse(text, request=after(3), paging=PAGING).doubt
    with pytest.raises(SourceError, match="the list goes on"):
        parse(text, request=after(3, 3), paging=PAGING)


def test_an_empty_list_is_the_end() -> None:
    last = linked_data(BREADCRUMBS, {"review": []})
    assert parse(last, request=after(3, 3), paging=PAGING).doubt == ""
