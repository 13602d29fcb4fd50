"""Shapes of answers that sites really give: texts in parts, several cursors, guards, labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.run import crawl
from pipeline.errors import FetchError, SettingsError, SourceError
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, Review
from pipeline.reviews.store import Store
from pipeline.settings import FileSource, HtmlSource, JsonSource
from tests.pipeline.crawl.endings import AS_JSON, answer, api
from tests.site import Answer, Site

CURSOR = {"kind": "cursor", "parameter": "after", "path": "next"}


def items(first: int, last: int, **more: Any) -> list[dict[str, Any]]:
    """Reviews with ids ``last`` down to ``first``."""
    return [
        {"id": number, "text": f"{number}번째 후기", "rating": 1 + number % 5, **more}
        for number in range(last, first - 1, -1)
    ]


def stored(store: Store, source: JsonSource | HtmlSource) -> list[Review]:
    found = [review for batch in store.read(source.store_name) for review in batch]
    return sorted(found, key=lambda one: one.review_id)


def test_text_of_several_fields_is_joined(site: Site, store: Store) -> None:
    written = [
        {"id": 1, "title": " 제목 ", "content": {"body": "내용\n둘째 줄"}, "rating": 5},
        {"id": 2, "title": None, "content": {"body": "내용만"}, "rating": 4},
        {"id": 3, "title": "제목만", "rating": 3},
    ]
    site.answers["/api?p=1"] = answer(reviews=written)
    site.answers["/api?p=2"] = answer(reviews=[])
    fields = {"id": "id", "text": ["title", "content.body"], "rating": "rating"}
    source = api(site, fields=fields)
    crawl(source, store)
    assert [one.text for one in stored(store, source)] == [
        "제목\n내용\n둘째 줄", "내용만", "제목만",
    ]  # fmt: skip


def test_texts_that_no_item_has_are_an_error(site: Site, store: Store) -> None:
    site.answers["/api?p=1"] = answer(reviews=items(1, 2))
    source = api(site, fields={"text": ["title", "content"], "rating": "rating"})
    with pytest.raises(SourceError, match=r"no item has a valid text at 'title'.*fields\.text"):
        crawl(source, store)


def test_html_has_texts_in_parts_and_labels(site: Site, store: Store) -> None:
    site.answers["/list"] = Answer(
        """<ul>
        <li id=1><h3>제목</h3><p>내용</p><i data-up=true></i><b class=FIVE></b></li>
        <li id=2><p>내용만</p><i data-up=false></i><b class=ONE></b></li>
        <li id=3><h3>제목만</h3><i data-up=추천해요></i><b class=THREE></b></li>
        <li id=4><h3>제목</h3><i data-up=모름></i><b class=THREE></b></li>
        </ul>"""
    )
    source = HtmlSource.model_validate({
        "kind": "html",
        "url": f"{site.url}/list",
        "item": "li",
        "fields": {
            "id": "@id",
            "text": ["h3", "p"],
            "rating": "b@class",
            "label": "i@data-up",
        },
        "values": {"FIVE": 5, "three": 3, "ONE": 1, "추천해요": "positive"},
        "fetch": {"delay": 0, "private_hosts": ["127.0.0.1"]},
    })  # fmt: skip
    summary = crawl(source, store)
    assert [(one.text, one.rating, one.label) for one in stored(store, source)] == [
        ("제목\n내용", 5, POSITIVE),
        ("내용만", 1, NEGATIVE),
        ("제목만", 3, POSITIVE),
        ("제목", 3, None),
    ]
    assert (summary.unread, summary.first_unread) == ({"labels": 1}, {"labels": '"모름"'})


@pytest.mark.parametrize(
    ("written", "label"),
    [
        (True, POSITIVE), (False, NEGATIVE), ("TRUE", POSITIVE), ("비추천", NEGATIVE),
        ("neutral", NEUTRAL), (-1, NEGATIVE), ("-1.0", NEGATIVE), (1, None), ("", None),
    ],
)  # fmt: skip
def test_labels_of_json(site: Site, store: Store, written: Any, label: int | None) -> None:
    site.answers["/api?p=1"] = answer(reviews=items(1, 1, vote=written))
    site.answers["/api?p=2"] = answer(reviews=[])
    fields = {"id": "id", "text": "text", "rating": "rating", "label": "vote"}
    source = api(site, fields=fields, values={"-1": "negative"})
    crawl(source, store)
    assert [one.label for one in stored(store, source)] == [label]


def test_files_have_texts_in_parts_and_values_of_labels_and_ratings(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(
        "제목,내용,추천,별점\n좋아요,또 사요,Y,FIVE\n,별로예요,N,ONE\n그냥,,Y,THREE\n", "utf-8"
    )
    source = FileSource.model_validate({
        "kind": "file",
        "path": path,
        "columns": {"text": ["제목", "내용"], "label": "추천", "rating": "별점"},
        "values": {"Y": "positive", "N": "negative", "FIVE": 5, "THREE": 3, "ONE": 1},
    })  # fmt: skip
    crawl(source, store)
    found = [review for batch in store.read("file:reviews.csv") for review in batch]
    assert [(one.text, one.rating, one.label) for one in found] == [
        ("좋아요\n또 사요", 5, POSITIVE), ("별로예요", 1, NEGATIVE), ("그냥", 3, POSITIVE),
    ]  # fmt: skip


def test_missing_one_of_several_texts_is_an_error(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("제목,label\n좋아요,1\n별로예요,0\n", "utf-8")
    columns = {"text": ["제목", "내용"]}
    source = FileSource.model_validate({"kind": "file", "path": path, "columns": columns})
    with pytest.raises(SourceError, match="has no column 내용; its columns are: 제목, label"):
        crawl(source, store)


@pytest.mark.parametrize("kind", ["file", "json"])
def test_ratings_of_a_hundred(site: Site, store: Store, tmp_path: Path, kind: str) -> None:
    source: FileSource | JsonSource
    how = {"rating_pattern": r"(\d+)%", "rating_factor": 0.05}
    if kind == "file":
        path = tmp_path / "reviews.csv"
        path.write_text("document,rating\n좋아요,width: 80%\n별로,width: 20%\n", "utf-8")
        source = FileSource.model_validate({"kind": "file", "path": path, **how})
        name = "file:reviews.csv"
    else:
        written = [items(1, 1)[0] | {"rating": "80%"}, items(2, 2)[0] | {"rating": "20%"}]
        site.answers["/api?p=1"] = answer(reviews=written)
        site.answers["/api?p=2"] = answer(reviews=[])
        source = api(site, **how)
        name = source.store_name
    crawl(source, store)
    found = [review.rating for batch in store.read(name) for review in batch]
    assert found == [4, 1]


def test_single_object_is_a_list_of_one(site: Site, store: Store) -> None:
    site.answers["/api?p=1"] = answer(reviews=items(2, 3))
    site.answers["/api?p=2"] = answer(reviews=items(1, 1)[0])
    site.answers["/api?p=3"] = answer()
    source = api(site)
    assert crawl(source, store).reviews == {"new": 3}


def test_object_that_is_no_review_is_an_error(site: Site, store: Store) -> None:
    site.answers["/api?p=1"] = answer(reviews={"list": items(1, 2)})
    with pytest.raises(SourceError, match="expected a list at 'reviews', got an object with list"):
        crawl(api(site), store)


@pytest.mark.parametrize("guard", [")]}'", ")]}',\n", "while(1);", "for(;;);", "\ufeff)]}'\n"])
def test_guard_before_json_is_skipped(site: Site, store: Store, guard: str) -> None:
    for number, part in ((1, items(1, 2)), (2, [])):
        body = guard + json.dumps({"reviews": part})
        site.answers[f"/api?p={number}"] = Answer(body, headers=AS_JSON)
    assert crawl(api(site), store).reviews == {"new": 2}


def publish_cursor(site: Site, cursors: Sequence[str]) -> None:
    """Serve five pages of ten reviews, each asked for by the values of its last review."""
    path = "/api?size=10"
    for last in (50, 40, 30, 20, 10):
        site.answers[path] = answer(reviews=items(last - 9, last, day=f"d{last - 9}"))
        path = f"/api?size=10{''.join(f'&{one}' for one in cursors).format(last - 9)}"
    site.answers[path] = answer(reviews=[])


def test_last_review_is_the_cursor(site: Site, store: Store) -> None:
    publish_cursor(site, ["before={0}"])
    paging = {"kind": "cursor", "parameter": "before", "path": "reviews.-1.id"}
    source = api(site, url=f"{site.url}/api?size=10", paging=paging, look_back=5)
    summary = crawl(source, store)
    assert (summary.reviews, summary.notices) == ({"new": 50}, [])
    site.requests.clear()
    assert crawl(source, store).reviews == {"known": 10}
    assert site.pages() == ["/api?size=10"]


def test_several_cursors_are_sent_together(site: Site, store: Store) -> None:
    publish_cursor(site, ["before={0}", "day=d{0}"])
    cursors = {"before": "reviews.-1.id", "day": "reviews.-1.day"}
    source = api(site, url=f"{site.url}/api?size=10", paging={"kind": "cursor", "cursors": cursors})
    summary = crawl(source, store)
    assert (summary.reviews, summary.notices) == ({"new": 50}, [])


@pytest.mark.parametrize(
    ("paging", "message"),
    [
        ({"kind": "page", "cursors": {"a": "b"}}, "cursors needs kind 'cursor'"),
        ({"kind": "cursor", "cursors": {"a": ""}}, "a parameter or path in cursors is empty"),
        (CURSOR | {"cursors": {"a": "b"}}, "and no parameter or path"),
    ],
)
def test_cursors_that_cannot_be_sent_are_an_error(
    site: Site, paging: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        api(site, paging=paging)


def test_list_may_be_the_body_of_a_post(site: Site, store: Store) -> None:
    site.answers["/graphql"] = (
        answer(data=[{"reviews": items(11, 20), "next": "c1"}]),
        answer(data=[{"reviews": items(1, 10), "next": None}]),
    )
    source = api(
        site,
        url=f"{site.url}/graphql",
        method="POST",
        body='[{"query": "reviews", "variables": {"first": 10}}]',
        items="data.0.reviews",
        paging=CURSOR | {"parameter": "0.variables.after", "path": "data.0.next"},
    )
    assert crawl(source, store).reviews == {"new": 20}
    bodies = [json.loads(one.body) for one in site.asked if one.path == "/graphql"]
    assert [one[0]["variables"] for one in bodies] == [{"first": 10}, {"first": 10, "after": "c1"}]


def test_place_that_a_body_lacks_is_an_error(site: Site, store: Store) -> None:
    paging = CURSOR | {"parameter": "1.after"}
    with pytest.raises(SettingsError, match=r"'1' in source\.body is not an object"):
        crawl(api(site, method="POST", body="[{}]", paging=paging), store)


@pytest.mark.parametrize(
    ("first", "why"),
    [
        ({"total": 65}, "the response reports 65 reviews in total and has 20"),
        ({"paging": {"next_cursor": "abc"}}, "the response has 'paging.next_cursor'"),
        ({"has_more": True}, "the response has 'has_more'"),
        ({}, "the page seems to be full with 20 reviews"),
    ],
)
@pytest.mark.parametrize("kind", ["cursor", "next"])
def test_cursor_that_does_not_exist_is_an_error_on_page_one(
    site: Site, store: Store, first: dict[str, Any], why: str, kind: str
) -> None:
    site.answers["/api"] = answer(reviews=items(46, 65), **first)
    paging = CURSOR | {"kind": kind, "path": "paging.after"}
    message = f"nothing at 'paging.after', but {why}: check source.paging.path"
    with pytest.raises(SourceError, match=message):
        crawl(api(site, paging=paging), store)


@pytest.mark.parametrize(
    ("count", "beside"),
    [(7, {}), (20, {"total": 20}), (20, {"paging": {"next_cursor": None}}), (0, {})],
)
def test_list_of_one_page_needs_no_cursor(
    site: Site, store: Store, count: int, beside: dict[str, Any]
) -> None:
    url = f"{site.url}/api?limit=50"
    site.answers["/api?limit=50"] = answer(reviews=items(1, count), **beside)
    assert crawl(api(site, url=url, paging=CURSOR), store).reviews.get("new", 0) == count


def test_one_of_many_lists_may_have_as_many_reviews_as_a_page(site: Site, store: Store) -> None:
    site.answers["/api/a"] = answer(reviews=items(11, 30), next="b")
    site.answers["/api/a?after=b"] = answer(reviews=items(1, 10))
    site.answers["/api/b"] = answer(reviews=items(1, 20))
    source = api(site, url=f"{site.url}/api/{{target}}", targets=["a", "b"], paging=CURSOR)
    summary = crawl(source, store)
    assert (summary.reviews, summary.failures, summary.notices) == ({"new": 50}, 0, [])


def test_missing_cursor_on_a_later_page_is_the_end(site: Site, store: Store) -> None:
    site.answers["/api"] = answer(reviews=items(11, 20), next="b")
    site.answers["/api?after=b"] = answer(reviews=items(1, 10))
    summary = crawl(api(site, paging=CURSOR), store)
    assert (summary.reviews, summary.notices) == ({"new": 20}, [])


@pytest.mark.parametrize(
    ("order", "notice"),
    [
        ([3, 9, 1, 7, 2, 8, 4, 6, 5, 0], "a list is not sorted by date"),
        (list(range(10)), "a list begins with the oldest reviews"),
    ],
)
def test_list_that_is_not_newest_first_is_read_to_its_end(
    site: Site, store: Store, order: list[int], notice: str
) -> None:
    def day(page: int, place: int) -> str:
        return f"2026-{page:02}-{10 + order[place]}"

    whole = items(1, 45)
    pages = [
        [one | {"day": day(page, place)} for place, one in enumerate(whole[start : start + 10])]
        for page, start in enumerate(range(0, 45, 10), 1)
    ]
    for page, part in enumerate(pages, 1):
        site.answers[f"/api?p={page}"] = answer(reviews=part)
    site.answers["/api?p=6"] = answer(reviews=[])
    fields = {"id": "id", "text": "text", "rating": "rating", "date": "day"}
    source = api(site, fields=fields, look_back=5)
    crawl(source, store)
    site.answers["/api?p=5"] = answer(reviews=[*pages[4], *items(99, 99, day="2026-06-01")])
    summary = crawl(source, store)
    assert summary.reviews == {"known": 45, "new": 1}
    assert summary.notices == [f"{notice}: every crawl fetches all of its pages"]


def test_body_of_a_refusal_is_in_the_error_line(site: Site, store: Store) -> None:
    site.answers["/api?p=1"] = Answer('{"error": {"reason": "quotaExceeded"}}', status=403)
    with pytest.raises(FetchError, match=r'status 403 \({"error": {"reason": "quotaExceeded"}}\)'):
        crawl(api(site), store)
