import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.json_api import JsonSite
from pipeline.crawl.sites.list_end import Trail
from pipeline.errors import SettingsError, SourceError
from pipeline.settings import JsonSource

URL = "http://h/api/reviews?limit=2"
ITEM = {"id": 7, "text": "글", "rating": 4}


def site(**settings: Any) -> JsonSite:
    fields = {"id": "id", "text": "text", "rating": "rating"}
    values: dict[str, Any] = {"kind": "json", "url": URL, "items": "list", "fields": fields}
    return JsonSite(JsonSource.model_validate(values | settings), today=date(2026, 11, 30))


def walk(source: JsonSite, *answers: Any) -> list[tuple[str, str]]:
    """URL and body of each request that the responses lead to."""
    (request,) = source.start()
    asked = [(request.url, request.body)]
    for number, answer in enumerate(answers, 1):
        page = Page(url=request.url, text=json.dumps(answer))
        following = source.parse(request, page).next_page
        if following is None:
            break
        assert following.number == number + 1
        assert following.method == request.method
        request = following
        asked.append((request.url, request.body))
    return asked


def urls(source: JsonSite, *answers: Any) -> list[str]:
    return [url for url, _ in walk(source, *answers)]


def test_page_number() -> None:
    source = site(
        items="", url="http://h/a?q=%B0%A1&p=9", paging={"kind": "page", "parameter": "p"}
    )
    assert urls(source, [ITEM], [ITEM], [], [ITEM]) == [
        f"http://h/a?q=%B0%A1&p={number}" for number in (1, 2, 3)
    ]
    paging = {"kind": "page", "parameter": "page[number]", "first": 0}
    assert urls(site(items="", url="http://h/a", paging=paging), [ITEM]) == [
        "http://h/a?page[number]=0",
        "http://h/a?page[number]=1",
    ]


def test_offset_increases_by_the_number_of_items() -> None:
    paging = {"kind": "offset", "parameter": "from"}
    source = site(items="", url="http://h/a?from=10", paging=paging)
    assert urls(source, [ITEM, ITEM, "broken"], [ITEM], []) == [
        "http://h/a?from=10",
        "http://h/a?from=13",
        "http://h/a?from=14",
    ]
    assert urls(site(items="", url="http://h/a", paging=paging), [ITEM])[-1] == "http://h/a?from=1"
    with pytest.raises(SettingsError, match="'from' is 'x' in the first request: use a number"):
        list(site(url="http://h/a?from=x", paging=paging).start())


@pytest.mark.parametrize("end", [{}, {"next": None}, {"next": False}, {"next": ""}, {"next": []}])
def test_cursor_is_sent_back_until_there_is_none(end: dict[str, Any]) -> None:
    source = site(paging={"kind": "cursor", "parameter": "after", "path": "next"})
    pages = {"list": [ITEM]}
    answers = [pages | {"next": "a+b/=&"}, pages | {"next": 12}, pages | end, pages]
    assert urls(source, *answers) == [URL, f"{URL}&after=a%2Bb%2F%3D%26", f"{URL}&after=12"]


def test_next_url_is_followed() -> None:
    source = site(paging={"kind": "next", "path": "links.next"})
    links = ("/b?p=2", "?p=3", "https://i/c", "javascript:x", "/never")
    answers = [{"list": [ITEM], "links": {"next": link}} for link in links]
    assert urls(source, *answers) == [URL, "http://h/b?p=2", "http://h/b?p=3", "https://i/c"]


@pytest.mark.parametrize("kind", ["cursor", "next"])
@pytest.mark.parametrize("value", [{"a": 1}, [1], True])
def test_invalid_cursor_is_an_error(kind: str, value: Any) -> None:
    source = site(paging={"kind": kind, "parameter": "after", "path": "next"})
    with pytest.raises(
        SourceError, match=f"expected a {kind} value at 'next', got .*: check source.paging.path"
    ):
        walk(source, {"list": [ITEM], "next": value})


@pytest.mark.parametrize(
    ("paging", "bodies"),
    [
        (
            {"kind": "page", "parameter": "page.no"},
            [{"q": "집", "page": {"no": n}} for n in (1, 2)],
        ),
        (
            {"kind": "offset", "parameter": "from"},
            [{"q": "집", "from": 0}, {"q": "집", "from": 1}],
        ),
        (
            {"kind": "cursor", "parameter": "after", "path": "0.id"},
            [{"q": "집"}, {"q": "집", "after": 7}],
        ),
    ],
)
def test_parameter_of_a_post_is_in_its_body(paging: Any, bodies: list[Any]) -> None:
    source = site(items="", method="POST", body='{"q": "집"}', paging=paging)
    asked = walk(source, [ITEM])
    assert [json.loads(body) for _, body in asked] == bodies
    assert {url for url, _ in asked} == {URL}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "source.body is not valid JSON"),
        ("3", "source.body is not a JSON object or list"),
        ("[]", "'page' in source.body is not an object"),
        ('{"page": 1}', "'page' in source.body is not an object"),
    ],
)
def test_body_that_cannot_hold_the_parameter_is_an_error(body: str, message: str) -> None:
    for paging in (
        {"kind": "page", "parameter": "page.no"},
        {"kind": "cursor", "parameter": "page.no", "path": "x"},
    ):
        with pytest.raises(SettingsError, match=message):
            list(site(method="POST", body=body, paging=paging).start())


def test_next_page_keeps_kind_and_group() -> None:
    request = Request(url=URL, kind="film", group="3", group_name="영화")
    page = Page(url=URL, text=json.dumps([ITEM]))
    source = site(items="", paging={"kind": "page", "parameter": "p"})
    parsed = source.parse(request, page)
    assert parsed.next_page
    assert parsed.next_page.trail.items == 1
    assert replace(parsed.next_page, trail=Trail()) == Request(
        url=f"{URL}&p=2", kind="film", group="3", group_name="영화", number=2
    )
    assert parsed.reviews[0].group == "3"
