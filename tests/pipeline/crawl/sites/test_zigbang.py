import json
from datetime import date
from typing import Any

import pytest
import requests
from pygeohash import get_bounding_box

from pipeline.crawl.demo_site import DemoSite
from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.geohash import BASE_32, LIMIT, Box, expand
from pipeline.crawl.sites.zigbang import ZigbangSite
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.review import Review
from pipeline.settings import ZigbangFields, ZigbangSource

TODAY = date(2026, 11, 30)
ASPECTS = set(ZigbangFields().aspects.values())
CELL = Request(url="http://h/cell", kind="cell")
COMPLEX = Request(url="http://h/complex", kind="complex", group="30", group_name="한별")
ITEM: dict[str, Any] = {
    "id": 9,
    "desc": "좋아요",
    "score": 4,
    "trafficScore": 2,
    "trafficDesc": "역이 멀어요",
    "careScore": 5,
    "aroundDesc": " ",
    "date": "2026-01-05T10:00:00",
    "nick": "홍길동",
}


def site(author: Pseudonym | None = None, **settings: Any) -> ZigbangSite:
    values = {"kind": "zigbang", "base_url": "http://h:8040", "cells": ("wydm6",)}
    source = ZigbangSource.model_validate(values | settings)
    return ZigbangSite(source, today=TODAY, author=author)


def parse(request: Request, answer: Any, **settings: Any) -> Parsed:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return site(**settings).parse(request, Page(url=request.url, text=text))


def test_cells_of_the_demo_site_lead_to_all_reviews(demo_site: DemoSite) -> None:
    source = site(base_url=demo_site.url, cells=demo_site.cells, name="demo")
    todo, reviews = source.start(), list[Review]()
    with requests.Session() as session:
        while todo:
            request = todo.pop()
            page = Page(url=request.url, text=session.get(request.url, timeout=10).text)
            parsed = source.parse(request, page)
            reviews += parsed.reviews
            todo += parsed.requests
    whole = [review for review in reviews if not review.aspect]
    assert len({review.review_id for review in whole}) == len(whole) == demo_site.reviews
    assert {review.source for review in reviews} == {"demo"}
    assert {review.aspect for review in reviews} == {"", *ASPECTS}
    assert len({review.group for review in whole}) == 50
    assert all(set(review.aspect_ratings) == ASPECTS for review in whole)


def test_each_cell_is_requested_once_and_in_order() -> None:
    source = site(cells=("wydm6", "wydm2", "wydm"))
    assert source.name == "zigbang:h:8040"
    start = source.start()
    others = [f"wydm{last}" for last in BASE_32 if last not in "62"]
    address = "http://h:8040/v2/aparts/items?domain=zigbang&geohash="
    assert [request.url for request in start] == [
        address + cell for cell in ("wydm6", "wydm2", *others)
    ]
    assert {request.kind for request in start} == {"cell"}


def test_box_expands_to_the_cells_it_touches() -> None:
    box = (37.45, 126.9, 37.6, 127.1)
    south, west, north, east = box
    cells = expand((), box)
    assert len(cells) == len(set(cells)) > 10
    for cell in expand(("wyd",)):
        bounds = get_bounding_box(cell)
        touches = (
            bounds.min_lat <= north
            and bounds.max_lat >= south
            and bounds.min_lon <= east
            and bounds.max_lon >= west
        )
        assert (cell in cells) == touches
    assert expand((cells[3],), box) == [cells[3], *cells[:3], *cells[4:]]


def test_too_many_cells_are_rejected_before_expansion() -> None:
    assert len(expand(("wy",))) == LIMIT
    refused: list[tuple[tuple[str, ...], Box | None, str]] = [
        (("w",), None, "cell 'w'"),
        (("wy", "wz"), None, "source.cells"),
        ((), (-90, -180, 90, 180), "source.box"),
        (("wy",), (0, 0, 1, 1), "source.box"),
    ]
    for cells, box, what in refused:
        with pytest.raises(SettingsError, match=rf"{what} has more than 32,768 cells"):
            expand(cells, box)


def item(complex_id: Any) -> dict[str, Any]:
    return {"areaDanjiId": complex_id, "areaDanjiName": f"단지{complex_id}"}


def test_complexes_of_all_lists_are_requested_once() -> None:
    lists = {"vrItems": [item(1)], "recommendItems": [item(2), item(1)], "items": [item("a/b"), {}]}
    parsed = parse(CELL, lists)
    assert parsed.requests == [
        Request(
            url=f"http://h:8040/property/apartments/{path}/reviews/v1",
            kind="complex",
            group=complex_id,
            group_name=f"단지{complex_id}",
        )
        for path, complex_id in (("1", "1"), ("2", "2"), ("a%2Fb", "a/b"))
    ]
    assert parsed.skipped == {"no complex id": 1}
    assert parse(CELL, {"items": None}).requests == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"list": []}, "one of the lists vrItems, recommendItems, items, got an object with list"),
        ({"items": [{"id": 1}]}, "'areaDanjiId', the first is an object with id"),
        ({"items": ["x"]}, "'areaDanjiId', the first is 'x'"),
        ({"items": "x"}, "expected a list at 'items', got 'x'"),
        ("<html>", "expected JSON, got '<html>'"),
        ([], "one of the lists .*, got a list of 0"),
    ],
)
def test_unexpected_cell_response_is_an_error(answer: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse(CELL, answer)
    assert str(caught.value).startswith(CELL.url)


def test_review_and_its_aspects_become_rows() -> None:
    whole, aspect = parse(COMPLEX, {"summary": {}, "data": [ITEM]}).reviews
    assert (whole.review_id, whole.text, whole.rating, whole.group) == ("9", "좋아요", 4, "30")
    assert (whole.date, whole.group_name, whole.aspect) == ("2026-01-05", "한별", "")
    assert whole.aspect_ratings == {"교통": 2, "단지관리": 5}
    assert (aspect.aspect, aspect.text, aspect.rating) == ("교통", "역이 멀어요", 2)
    assert (aspect.review_id, aspect.group, aspect.date) == ("9", "30", "2026-01-05")


def test_field_names_are_configurable() -> None:
    names = {
        "reviews": "list",
        "id": "no",
        "text": "say",
        "rating": "star",
        "aspects": {"t": "교통"},
    }
    answer = {"list": [{"no": 1, "say": "글", "star": "5", "tDesc": "멀다", "tScore": 1}]}
    whole, aspect = parse(COMPLEX, answer, fields=names).reviews
    assert (whole.text, whole.rating, whole.aspect_ratings) == ("글", 5, {"교통": 1})
    assert (aspect.text, aspect.aspect) == ("멀다", "교통")


def test_author_is_read_only_with_a_key() -> None:
    author, answer = Pseudonym(b"key"), {"data": [ITEM]}
    assert {r.author for r in parse(COMPLEX, answer, author=author).reviews} == {""}
    assert {r.author for r in parse(COMPLEX, answer, fields={"author": "nick"}).reviews} == {""}
    parsed = parse(COMPLEX, answer, fields={"author": "nick"}, author=author)
    assert {review.author for review in parsed.reviews} == {author.of("홍길동")}


def test_unusable_items_are_skipped() -> None:
    empty = {"id": 10, "desc": None, "score": None}
    items = [ITEM, ITEM, ITEM | {"desc": "나빠요"}, ITEM | {"id": None}, {"id": 11}, empty]
    parsed = parse(COMPLEX, {"data": items})
    assert [review.text for review in parsed.reviews] == ["좋아요", "역이 멀어요"]
    assert parsed.skipped == {"no id": 1, "no text": 2, "repeated id": 1}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"data": [{"id": 1, "desc": "x"}]}, "'score', the first is an object with id, desc"),
        ({"data": [{"id": 1, "score": 1}]}, "'desc', the first is an object with id, score"),
        ({"data": [{"desc": "x", "score": 1}]}, "'id', the first is an object with desc, score"),
        ({"data": [ITEM | {"desc": {}}]}, "expected text at 'desc', got an object with no keys"),
        ({"data": {}}, "expected a list at 'data', got an object with no keys"),
        ({"reviews": []}, "expected a list at 'data', got an object with reviews"),
    ],
)
def test_unexpected_review_response_is_an_error(answer: Any, message: str) -> None:
    with pytest.raises(SourceError, match=message) as caught:
        parse(COMPLEX, answer)
    assert str(caught.value).startswith(COMPLEX.url)


def test_complex_without_reviews_is_valid() -> None:
    parsed = parse(COMPLEX, {"data": []})
    assert (parsed.reviews, parsed.next_page, parsed.skipped) == ([], None, {})
