"""Pages without items in the middle of a list and at its end, and the proof of deletion."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import FetchError
from pipeline.reviews.store import Store
from tests.pipeline.crawl.endings import (
    AS_JSON,
    FOURTH,
    LATER,
    LISTED,
    NO_PAGES,
    answer,
    api,
    count,
    crawl_api,
    publish_api,
)
from tests.pipeline.crawl.lists import (
    crawl,
    entries,
    matches,
    page,
    publish,
    source,
    stored,
)
from tests.site import Answer, Reply, Site


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


@pytest.mark.parametrize("last", [50, 47])
def test_empty_page_with_a_next_link_is_an_end_only_after_a_short_page(
    site: Site, store: Store, last: int
) -> None:
    listed = entries(1, last)
    publish(site, listed)
    paths = [f"/list?page={number}" for number in range(1, 7)]
    site.answers[paths[4]] = Answer(page(listed[40:], paths[5]))
    site.answers[paths[5]] = Answer(page([], "/list?page=7"))
    settings = source(site, fetch={"max_tries": 1})
    summary = crawl(settings, store)
    assert matches(stored(store, settings), listed)
    if last == 47:
        assert (summary.notices, crawl(settings, store).full) == ([], False)
        return
    (notice,) = summary.notices
    assert "no reviews after the first 50, but the page links to a next page" in notice
    site.answers[paths[5]] = Answer(page(entries(-9, 0), ""))
    assert crawl(settings, store).reviews == {"known": 50, "new": 10}


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
        (answer(reviews=None), {"total": 50}),
        (answer(message="later"), {}),
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
@pytest.mark.parametrize("last", [7, 47, 50])
def test_real_end_of_a_json_list(site: Site, store: Store, end: Answer, last: int) -> None:
    settings = api(site)
    publish_api(site, entries(1, last), end)
    summary = crawl_api(settings, store)
    assert (summary.reviews, summary.notices, summary.failures) == ({"new": last}, [], 0)
    assert summary.skipped == {}
    assert not crawl_api(settings, store).full
    assert count(store, f"json:{settings.url}") == last


@pytest.mark.parametrize("missing", [answer(), Answer(status=400), Answer(status=404)], ids=str)
def test_missing_page_is_asked_for_again_and_proves_no_deletion(
    site: Site, store: Store, missing: Answer
) -> None:
    settings = api(site, fetch={"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 2})
    paths = publish_api(site, LISTED, answer(reviews=[]))
    site.answers[paths[4]] = (missing, site.answers[paths[4]])  # type: ignore[assignment]
    assert crawl_api(settings, store).reviews == {"new": 50}
    site.answers[paths[4]] = missing
    for _ in range(3):
        summary = crawl_api(settings, store, full=True)
        assert (summary.reviews, summary.notices) == ({"known": 40}, [])
    assert site.pages().count(paths[4]) == 8
    assert count(store, f"json:{settings.url}") == 50


@pytest.mark.parametrize("status", [400, 404])
def test_count_tells_that_a_missing_page_is_not_the_end(
    site: Site, store: Store, status: int
) -> None:
    settings = api(site)
    paths = publish_api(site, LISTED, answer(reviews=[], total=50), total=50)
    crawl_api(settings, store)
    site.answers[paths[2]] = Answer(status=status)
    summary = crawl_api(settings, store, full=True)
    assert summary.notices == [f"{site.url}{paths[2]}: page not found, the list ends here"]
    assert "missing" not in summary.reviews
    assert crawl_api(settings, store).full


def test_count_in_the_answer_tells_that_the_list_goes_on(site: Site, store: Store) -> None:
    settings = api(site)
    paths = publish_api(site, LISTED, answer(reviews=[], total=50), total=50)
    assert crawl_api(settings, store).notices == []
    site.answers[paths[3]] = answer(reviews=[], total=50)
    summary = crawl_api(settings, store, full=True)
    assert summary.notices == [
        f"{site.url}{paths[3]}: no reviews after the first 30, but the response reports 50 in total"
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
        with pytest.raises(
            FetchError, match="no reviews, and the response differs from the pages before"
        ):
            crawl_api(settings, store)
