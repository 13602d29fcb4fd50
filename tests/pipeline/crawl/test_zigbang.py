import json
from typing import Any

import pytest

from pipeline.crawl.demo_site import DemoSite
from pipeline.crawl.fetch import Fetcher
from pipeline.crawl.zigbang import crawl_zigbang, parse_cell, parse_reviews
from pipeline.errors import SourceError
from pipeline.records import ASPECTS
from pipeline.settings import FetchSettings, ZigbangSource


def test_the_demo_sites_cells_lead_to_all_reviews(demo_site: DemoSite) -> None:
    settings = ZigbangSource(kind="zigbang", base_url=demo_site.url, cells=demo_site.cells)
    with Fetcher(demo_site.url, FetchSettings(delay=0)) as fetcher:
        reviews = [r for page in crawl_zigbang(settings, "demo", fetcher) for r in page]
    whole = [review for review in reviews if not review.aspect]
    assert len({review.review_id for review in whole}) == len(whole) == demo_site.reviews
    assert {review.aspect for review in reviews} == {"", *ASPECTS}
    assert len({review.group for review in whole}) == 50
    assert all(set(review.aspect_ratings) == set(ASPECTS) for review in whole)


def test_ids_come_from_all_three_lists() -> None:
    def item(id_: int) -> dict[str, Any]:
        return {"areaDanjiId": id_, "areaDanjiName": f"단지{id_}"}

    lists = {"vrItems": [item(1)], "recommendItems": [item(2), item(1)], "items": [item(3)]}
    assert parse_cell(json.dumps(lists)) == {"1": "단지1", "2": "단지2", "3": "단지3"}
    assert parse_cell('{"items": null}') == {}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ('{"list": []}', "no field one of vrItems, recommendItems, items; it has: list"),
        ('{"items": [{"id": 1}]}', "no field areaDanjiId; it has: id"),
        ("<html>", "no JSON but '<html>'"),
        ("[]", "no JSON object"),
    ],
)
def test_a_cell_of_another_shape_is_named(answer: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        parse_cell(answer)


def test_a_review_and_its_aspects_become_rows() -> None:
    item = {
        "id": 9,
        "desc": "좋아요",
        "score": 4,
        "trafficScore": 2,
        "trafficDesc": "역이 멀어요",
        "careScore": 5,
        "date": "2026-01-05T10:00:00",
    }
    whole, aspect = parse_reviews(
        json.dumps({"summary": {}, "data": [item]}),
        source="s",
        complex_id="30",
        complex_name="한별",
    )
    assert (whole.review_id, whole.text, whole.rating, whole.group) == ("9", "좋아요", 4, "30")
    assert (whole.date, whole.group_name) == ("2026-01-05", "한별")
    assert whole.aspect_ratings == {"교통": 2, "단지관리": 5}
    assert (aspect.aspect, aspect.text, aspect.rating) == ("교통", "역이 멀어요", 2)


def test_reviews_of_another_shape_are_named() -> None:
    with pytest.raises(SourceError, match="no field score; it has: id, desc"):
        parse_reviews(
            '{"data": [{"id": 1, "desc": "x"}]}', source="s", complex_id="1", complex_name=""
        )
