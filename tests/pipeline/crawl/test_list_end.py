"""Pages without items in the middle of a list and at its end, and the proof of deletion."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl import run as sources
from pipeline.crawl.summary import CrawlSummary
from pipeline.errors import FetchError
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource
from pipeline.storage.database import Database
from tests.pipeline.crawl.lists import (
    Entry,
    crawl,
    entries,
    matches,
    page,
    publish,
    source,
    stored,
)
from tests.site import Answer, Reply, Site, redirect, serve

LISTED = entries(1, 50)
FOURTH = "/list?page=4"
LATER = "<html><body><h1>잠시 후 다시 시도해 주세요</h1></body></html>"
LOGIN = "<html><body><ul class=menu><li class=m>홈</ul><form><input type=password></form></html>"
AS_JSON = {"Content-Type": "application/json"}
NO_PAGES = {
    "try again later": Answer(LATER),
    "login": Answer(LOGIN.replace("li ", "b ")),
    "redirect to login": redirect("/login"),
    "captcha": Answer("<div id=captcha><img src=x></div>"),
    "empty body": Answer(""),
    "204": Answer(status=204),
    "206": Answer(page(LISTED[30:35], ""), status=206),
    "meta refresh": Answer("<meta http-equiv=refresh content='0; url=/login'>"),
    "undeclared gzip": Answer(gzip.compress(b"<ul><li id=1><p>x</p></ul>")),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        served.answers["/login"] = Answer(LOGIN.replace("li ", "b "))
        yield served


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Database(tmp_path / "reviews.db") as database:
        yield Store(database)


def api(site: Site, **changes: Any) -> JsonSource:
    """Source settings for a JSON list."""
    described: dict[str, Any] = {
        "kind": "json",
        "url": f"{site.url}/api",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": "rating"},
        "paging": {"kind": "page", "parameter": "p"},
        "fetch": {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1},
        **changes,
    }
    return JsonSource.model_validate(described)


def publish_api(site: Site, listed: Sequence[Entry], end: Reply, **beside: Any) -> list[str]:
    """Serve ten reviews a page as JSON, then ``end``; returns the paths."""
    paths = []
    for start in range(0, len(listed), 10):
        items = [dict(zip(("id", "text", "rating"), one, strict=True)) for one in listed[start:start + 10]]  # fmt: skip  # noqa: E501
        paths.append(f"/api?p={start // 10 + 1}")
        site.answers[paths[-1]] = Answer(json.dumps({"reviews": items, **beside}), headers=AS_JSON)
    site.answers[f"/api?p={len(paths) + 1}"] = end
    return paths


def answer(**value: Any) -> Answer:
    return Answer(json.dumps(value), headers=AS_JSON)


def crawl_api(settings: JsonSource, store: Store, **how: Any) -> CrawlSummary:
    return sources.crawl(settings, store, **how)


def count(store: Store, name: str) -> int:
    return sum(len(batch) for batch in store.read(name))


@pytest.mark.parametrize("paging", [{"link": "a.next"}, {"parameter": "page"}], ids=str)
@pytest.mark.parametrize("fault", NO_PAGES)
def test_page_that_is_none_of_the_list_is_lost(
    site: Site, store: Store, fault: str, paging: dict[str, str]
) -> None:
    publish(site, LISTED)
    settings = source(site, paging=paging, fetch={"max_tries": 1})
    crawl(settings, store)
    healthy = site.answers[FOURTH]
    site.answers[FOURTH] = NO_PAGES[fault]
    with pytest.raises(FetchError, match=r"1 page failed, the first .*page=4"):
        crawl(settings, store, full=True)
    assert matches(stored(store, settings), LISTED)
    site.answers[FOURTH] = healthy
    again = crawl(settings, store)
    assert (again.full, again.reviews) == (True, {"known": 50})


@pytest.mark.parametrize("fault", ["try again later", "204", "206"])
def test_page_that_is_none_of_the_list_is_retried(site: Site, store: Store, fault: str) -> None:
    publish(site, LISTED)
    site.answers[FOURTH] = (NO_PAGES[fault], site.answers[FOURTH])  # type: ignore[assignment]
    settings = source(site, fetch={"max_tries": 2})
    assert crawl(settings, store).reviews == {"new": 50}


def test_first_crawl_that_met_it_is_not_complete(site: Site, store: Store) -> None:
    publish(site, LISTED)
    healthy = site.answers[FOURTH]
    site.answers[FOURTH] = Answer(LATER)
    settings = source(site, look_back=5, fetch={"max_tries": 1})
    with pytest.raises(FetchError, match="no review and no element 'body > ul"):
        crawl(settings, store)
    assert len(stored(store, settings)) == 30
    site.answers[FOURTH] = healthy
    assert crawl(settings, store).reviews == {"known": 30, "new": 20}


@pytest.mark.parametrize(
    "end",
    [
        "<ul></ul>",
        "<p>후기가 없습니다</p>",
    ],
)
@pytest.mark.parametrize("last", [50, 47])
def test_real_end_of_a_counted_html_list(site: Site, store: Store, end: str, last: int) -> None:
    listed = entries(1, last)
    publish(site, listed)
    site.answers["/list?page=6"] = Answer(end)
    settings = source(site, paging={"parameter": "page"}, fetch={"max_tries": 1})
    if end.startswith("<p>") and last == 50:
        with pytest.raises(FetchError, match=r"page=6: no review"):
            crawl(settings, store)
        return
    summary = crawl(settings, store)
    assert (summary.notices, summary.gaps) == ([], 0)
    assert matches(stored(store, settings), listed)
    assert not crawl(settings, store).full


def test_list_without_a_frame_is_kept_and_doubted(site: Site, store: Store) -> None:
    for number in range(5):
        part = page(LISTED[number * 10 : number * 10 + 10], "")
        site.answers[f"/list?page={number + 1}"] = Answer(part.replace("ul>", "body>"))
    site.answers["/list?page=6"] = Answer("")
    settings = source(site, paging={"parameter": "page"}, fetch={"max_tries": 1})
    summary = crawl(settings, store)
    assert summary.notices == [f"{site.url}/list?page=6: no review, the list may go on"]
    assert crawl(settings, store).full
    assert matches(stored(store, settings), LISTED)


@pytest.mark.parametrize(
    ("fault", "beside"),
    [
        (answer(reviews=None), {}),
        (answer(), {}),
        (answer(reviews=[], code=500), {"code": 0}),
        (answer(reviews=[], error="busy"), {}),
        (answer(reviews=[], status="error", page=4), {"status": "ok", "page": 1}),
        (answer(message="later"), {"page": 1}),
        (Answer("", headers=AS_JSON), {}),
        (Answer(LATER), {}),
        (Answer(status=204), {}),
    ],
    ids=str,
)
def test_answer_that_is_no_page_of_the_list_is_lost(
    site: Site, store: Store, fault: Reply, beside: dict[str, Any]
) -> None:
    settings = api(site)
    paths = publish_api(site, LISTED, answer(reviews=[], **beside), **beside)
    crawl_api(settings, store)
    site.answers[paths[3]] = fault
    with pytest.raises(FetchError, match=r"1 page failed, the first .*p=4"):
        crawl_api(settings, store, full=True)
    assert count(store, f"json:{settings.url}") == 50


@pytest.mark.parametrize(
    "end",
    [
        answer(reviews=[]), answer(reviews=None), answer(),
        Answer(status=400), Answer(status=404),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("last", [7, 47])
def test_real_end_of_a_json_list(site: Site, store: Store, end: Answer, last: int) -> None:
    settings = api(site)
    publish_api(site, entries(1, last), end)
    summary = crawl_api(settings, store)
    assert summary.reviews == {"new": last}
    is_told = last == 47 or end.body == answer(reviews=[]).body
    assert (summary.notices == []) == is_told
    assert crawl_api(settings, store).full == (not is_told)
    assert count(store, f"json:{settings.url}") == last


@pytest.mark.parametrize("status", [400, 404])
def test_missing_page_after_full_pages_is_kept_and_said(
    site: Site, store: Store, status: int
) -> None:
    settings = api(site)
    paths = publish_api(site, LISTED, answer(reviews=[]))
    crawl_api(settings, store)
    site.answers[paths[2]] = Answer(status=status)
    summary = crawl_api(settings, store, full=True)
    assert summary.notices == [f"{site.url}{paths[2]}: page not found, the list ends here"]
    assert "missing" not in summary.reviews
    assert count(store, f"json:{settings.url}") == 50
    assert crawl_api(settings, store).full


def test_count_in_the_answer_tells_that_the_list_goes_on(site: Site, store: Store) -> None:
    settings = api(site)
    paths = publish_api(site, LISTED, answer(reviews=[], total=50), total=50)
    assert crawl_api(settings, store).notices == []
    site.answers[paths[3]] = answer(reviews=[], total=50)
    summary = crawl_api(settings, store, full=True)
    assert summary.notices == [
        f"{site.url}{paths[3]}: no reviews after 30, but the answer counts 50 reviews"
    ]
    assert summary.reviews == {"known": 30}


@pytest.mark.parametrize(
    ("end", "is_end"),
    [
        ({"code": "00", "data": None}, True),
        ({"code": "00", "data": {"page": 6}}, True),
        ({"code": "00", "data": {"page": 6, "list": []}}, True),
        ({"code": "99", "data": None}, False),
        ({"code": "99", "data": {"page": 6, "list": []}}, False),
        ({"code": "00", "data": {"reason": "busy", "list": []}}, False),
        ({"message": "busy"}, False),
    ],
)
def test_end_of_a_list_inside_an_answer(
    site: Site, store: Store, end: dict[str, Any], is_end: bool
) -> None:
    settings = api(site, items="data.list")
    for number, last in ((1, 10), (2, 20), (3, 25)):
        items = [{"id": one, "text": "글", "rating": 1} for one in range(number * 10, last + 10)]
        whole = {"code": "00", "data": {"page": number, "list": items}}
        site.answers[f"/api?p={number}"] = answer(**whole)
    site.answers["/api?p=4"] = answer(**end)
    if is_end:
        assert crawl_api(settings, store).notices == []
    else:
        with pytest.raises(FetchError, match="another answer than on the pages before"):
            crawl_api(settings, store)


def test_deletion_needs_two_complete_full_crawls(site: Site, store: Store) -> None:
    publish(site, LISTED)
    settings = source(site, look_back=10)
    crawl(settings, store)
    left = [entry for entry in LISTED if entry[0] not in ("3", "30")]
    paths = publish(site, left)
    assert crawl(settings, store, full=True).reviews == {"known": 48, "missing": 2}
    healthy = site.answers[paths[2]]
    site.answers[paths[2]] = Answer(status=500)
    with pytest.raises(FetchError):
        crawl(settings, store, full=True)
    assert matches(stored(store, settings), LISTED)
    site.answers[paths[2]] = healthy
    assert crawl(settings, store, full=True).reviews == {"known": 48, "deleted": 2}
    assert matches(stored(store, settings), left)


def test_review_that_comes_back_is_not_deleted(site: Site, store: Store) -> None:
    settings = source(site, look_back=10)
    publish(site, LISTED)
    crawl(settings, store)
    publish(site, LISTED[1:])
    assert crawl(settings, store, full=True).reviews == {"known": 49, "missing": 1}
    publish(site, LISTED)
    crawl(settings, store)
    publish(site, LISTED[1:])
    assert crawl(settings, store, full=True).reviews == {"known": 49, "missing": 1}
    assert crawl(settings, store, full=True).reviews == {"known": 49, "deleted": 1}


def test_implausible_share_is_not_believed(site: Site, store: Store) -> None:
    settings = source(site)
    publish(site, LISTED)
    crawl(settings, store)
    publish(site, LISTED[:40])
    for _ in range(3):
        summary = crawl(settings, store, full=True)
        assert summary.reviews == {"known": 40, "missing": 10}
        assert summary.notices == [
            "10 of 50 reviews (20%) are missing, more than source.max_deleted_share = 0.1: not "
            "marked as deleted; if the site did delete them, run again with --full --yes-delete"
        ]
    assert matches(stored(store, settings), LISTED)
    deleted = crawl(settings, store, full=True, yes_delete=True)
    assert deleted.reviews == {"known": 40, "deleted": 10}
    assert matches(stored(store, settings), LISTED[:40])


def test_share_that_is_believed_is_a_setting(site: Site, store: Store) -> None:
    settings = source(site, max_deleted_share=0.3)
    publish(site, LISTED)
    crawl(settings, store)
    publish(site, LISTED[:40])
    assert crawl(settings, store, full=True).reviews == {"known": 40, "missing": 10}
    assert crawl(settings, store, full=True).reviews == {"known": 40, "deleted": 10}


@pytest.mark.parametrize("number", [1, 4])
def test_html_page_without_its_closing_tag_is_said(site: Site, store: Store, number: int) -> None:
    paths = publish(site, LISTED)
    for path in paths:
        reply = site.answers[path]
        assert isinstance(reply, Answer)
        site.answers[path] = Answer(f"<!doctype html><html><body>{reply.body!s}</body></html>")
    whole = site.answers[paths[number - 1]]
    assert isinstance(whole, Answer)
    body = whole.body[: len(whole.body) // 2]
    site.answers[paths[number - 1]] = Answer(body)
    settings = source(site, fetch={"max_tries": 1})
    summary = crawl(settings, store)
    (notice,) = summary.notices
    assert notice.endswith(f"page={number}: the page ends without </html>, it may be truncated")
    site.answers[paths[number - 1]] = whole
    assert crawl(settings, store).full
    assert matches(stored(store, settings), LISTED)


def test_pages_that_never_have_a_closing_tag_are_whole(site: Site, store: Store) -> None:
    for path in publish(site, LISTED):
        reply = site.answers[path]
        assert isinstance(reply, Answer)
        site.answers[path] = Answer(f"<!doctype html><html><body>{reply.body!s}")
    assert crawl(source(site), store).notices == []


def test_link_to_no_page_is_said_and_deletes_nothing(site: Site, store: Store) -> None:
    paths = publish(site, LISTED)
    settings = source(site)
    crawl(settings, store)
    site.answers[paths[0]] = Answer(page(LISTED[:10], "javascript:next(2)"))
    for _ in range(2):
        summary = crawl(settings, store, full=True, yes_delete=True)
        assert (summary.is_cut, summary.reviews) == (True, {"known": 10})
        assert "'a.next' leads to 'javascript:next(2)'" in summary.notices[0]
    assert matches(stored(store, settings), LISTED)


@pytest.mark.parametrize("by", ["date", "id"])
def test_list_that_begins_with_the_oldest_reviews_is_fetched_in_full(
    site: Site, store: Store, by: str
) -> None:
    settings = api(site, look_back=5)
    fields = settings.fields.model_copy(update={"date": "at", "id": "id" if by == "id" else ""})
    settings = settings.model_copy(update={"fields": fields})

    def publish_oldest_first(last: int) -> None:
        items = [
            {"id": number, "text": f"{number}번째", "rating": 3}
            | ({"at": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"} if by == "date" else {})
            for number in range(last)
        ]
        for start in range(0, last + 10, 10):
            site.answers[f"/api?p={start // 10 + 1}"] = answer(reviews=items[start : start + 10])

    publish_oldest_first(60)
    crawl_api(settings, store)
    publish_oldest_first(100)
    summary = crawl_api(settings, store)
    assert summary.reviews == {"known": 60, "new": 40}
    notice = "a list begins with the oldest reviews: all of its pages are fetched each time"
    assert (summary.full, summary.notices) == (False, [notice])


def test_korean_queries_of_an_euc_kr_list_are_followed(site: Site, store: Store) -> None:
    head = "<meta charset=euc-kr><base href='/board/'>"
    site.answers["/list?page=1"] = Answer(
        (head + page(LISTED[:10], "list?검색=후기")).encode("cp949"),
        headers={"Content-Type": "text/html"},
    )
    site.answers["/board/list?%B0%CB%BB%F6=%C8%C4%B1%E2"] = Answer(
        page(LISTED[10:20], "").encode("cp949")
    )
    settings = source(site)
    assert crawl(settings, store).reviews == {"new": 20}


def test_link_behind_a_short_last_page_may_lead_nowhere(site: Site, store: Store) -> None:
    listed = entries(1, 27)
    paths = publish(site, listed)
    site.answers[paths[-1]] = Answer(page(listed[20:], "/list?page=4"))
    summary = crawl(source(site), store)
    assert (summary.notices, summary.gaps, summary.is_cut) == ([], 0, False)
    assert not crawl(source(site), store).full
