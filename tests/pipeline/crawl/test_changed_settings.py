"""Crawls after a change of the settings or of what the site shows of its reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipeline.crawl import run as sources
from pipeline.reviews.store import Store
from pipeline.settings import DemoSource
from tests.pipeline.crawl.lists import Entry, crawl, entries, matches, publish, source, stored
from tests.site import Answer, Site

DAY = "2026-11-{:02}"


def publish_dated(site: Site, listed: Sequence[Entry], name: str = "date") -> None:
    """Serve the reviews with a date in an element of this class."""
    for path in publish(site, listed):
        body = body_of(site, path)
        for key, *_ in listed:
            day = DAY.format(1 + int(key) % 28)
            body = body.replace(f'<li id="{key}">', f'<li id="{key}"><i class="{name}">{day}</i>')
        site.answers[path] = Answer(body)


def body_of(site: Site, path: str) -> str:
    """What the site answers on a path."""
    answer = site.answers[path]
    assert isinstance(answer, Answer)
    return str(answer.body)


def dated(settings_fields: dict[str, str]) -> dict[str, str]:
    """The fields of the list, with a date."""
    return settings_fields | {"date": "i.date"}


FIELDS = {"id": "@id", "text": "p", "rating": "b"}


def test_a_raised_maximum_of_pages_reads_the_rest(site: Site, store: Store) -> None:
    listed = entries(1, 200)
    publish(site, listed)
    cut = crawl(source(site, look_back=20, max_pages=3), store)
    assert (cut.is_cut, cut.reviews) == (True, {"new": 30})
    settings = source(site, look_back=20)
    assert crawl(settings, store).reviews == {"known": 30, "new": 170}
    assert matches(stored(store, settings), listed)
    assert not crawl(settings, store).full


def test_a_new_field_is_read_for_all_reviews(site: Site, store: Store) -> None:
    listed = entries(1, 200)
    publish_dated(site, listed)
    crawl(source(site, look_back=20), store)
    settings = source(site, look_back=20, fields=dated(FIELDS))
    assert crawl(settings, store).reviews == {"known": 200}
    assert all(review.date for review in stored(store, settings).values())
    assert crawl(settings, store).reviews == {"known": 20}


def test_paging_that_is_added_later_reads_the_rest(site: Site, store: Store) -> None:
    listed = entries(1, 60)
    publish(site, listed)
    assert crawl(source(site, look_back=5, paging=None), store).reviews == {"new": 10}
    settings = source(site, look_back=5)
    assert crawl(settings, store).reviews == {"known": 10, "new": 50}
    assert matches(stored(store, settings), listed)


def test_targets_of_changed_settings_are_read_in_full(site: Site, store: Store) -> None:
    for target in ("a", "b"):
        listed = entries(1, 60)
        for path in publish(site, listed):
            body = body_of(site, path).replace("/list?", f"/{target}?")
            site.answers[path.replace("/list?", f"/{target}?")] = Answer(body)
    changes: dict[str, Any] = {"url": f"{site.url}/{{target}}?page=1", "targets": ["a", "b"]}
    cut = crawl(source(site, look_back=5, max_pages=2, **changes), store)
    assert cut.reviews == {"new": 40}
    whole = source(site, look_back=5, **changes)
    assert crawl(whole, store).reviews == {"known": 40, "new": 80}
    assert crawl(whole, store).reviews == {"known": 20}


def test_the_demo_site_is_the_same_on_another_port(store: Store) -> None:
    first, second = (sources.crawl(DemoSource(kind="demo"), store) for _ in range(2))
    assert (first.full, second.full) == (True, False)


@pytest.mark.parametrize("full", [False, True])
def test_a_renamed_element_erases_no_date(site: Site, store: Store, full: bool) -> None:
    listed = entries(1, 40)
    publish_dated(site, listed)
    settings = source(site, fields=dated(FIELDS))
    assert crawl(settings, store).notices == []
    before = stored(store, settings)
    listed[5] = (listed[5][0], "고쳐 쓴 후기", 1)
    publish_dated(site, listed, "rv-date")
    summary = crawl(settings, store, full=full)
    assert summary.notices == ["no review of a page has a date: check source.fields.date"]
    assert summary.reviews == {"known": 39, "changed": 1}
    after = stored(store, settings)
    assert matches(after, listed)
    assert {key: one.date for key, one in after.items()} == {
        key: one.date for key, one in before.items()
    }


@pytest.mark.parametrize("recent", ["3일 전", "방금 전", "14:20"])
def test_relative_date_that_becomes_a_date_makes_no_new_review(
    site: Site, store: Store, recent: str
) -> None:
    ago = timedelta(days=3 if recent.startswith("3") else 0)
    day = datetime.now(ZoneInfo("Asia/Seoul")).date() - ago
    settings = source(site, fields={"text": "p", "rating": "b", "date": "i"})

    def publish_with(*shown: str) -> None:
        items = "".join(
            f"<li><i>{date}</i><p>{place % 2}번째 후기</p><b>5</b></li>"
            for place, date in enumerate(shown)
        )
        site.answers["/list?page=1"] = Answer(f"<ul>{items}</ul>")

    publish_with(recent, recent)
    assert crawl(settings, store).reviews == {"new": 2}
    for _ in range(2):
        publish_with(f"{day:%Y.%m.%d}", recent)
        assert crawl(settings, store).reviews == {"known": 2}
    earlier = day - timedelta(days=300)
    publish_with(f"{day:%Y.%m.%d}", f"{day:%Y.%m.%d}", f"{earlier:%Y.%m.%d}")
    assert crawl(settings, store).reviews == {"known": 2, "new": 1}
    assert sorted((one.text, one.date) for one in stored(store, settings).values()) == [
        ("0번째 후기", str(earlier)), ("0번째 후기", str(day)), ("1번째 후기", str(day)),
    ]  # fmt: skip


def test_ids_that_repeat_in_one_list_are_no_edits(site: Site, store: Store) -> None:
    listed = [
        (key, f"{name} {text}", rating) for name in "가나다" for key, text, rating in entries(1, 15)
    ]
    publish(site, listed, per_page=15)
    settings = source(site)
    for status in ("new", "known"):
        summary = crawl(settings, store, full=True)
        assert (summary.reviews, summary.skipped) == ({status: 15}, {"repeated id": 30})
        (notice,) = summary.notices
        assert "different reviews have the same id" in notice
        assert "source.fields.id" in notice
    assert matches(stored(store, settings), listed[:15])
