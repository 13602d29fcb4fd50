"""Lists whose links, order or documents are out of the ordinary."""

from __future__ import annotations

import pytest

from pipeline.reviews.store import Store
from tests.pipeline.crawl.endings import (
    LISTED,
    answer,
    api,
    crawl_api,
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
from tests.site import Answer, Site


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
    found = {"date": "at" if by == "date" else "", "id": "id" if by == "id" else ""}
    fields = settings.fields.model_copy(update=found)
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
    notice = "a list begins with the oldest reviews: every crawl fetches all of its pages"
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
