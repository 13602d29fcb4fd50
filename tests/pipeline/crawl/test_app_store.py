"""``source.kind = "appstore"`` against answers in the shape of Apple's feed."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.crawl.run import crawl
from pipeline.reviews.review import Review
from pipeline.reviews.store import Store
from pipeline.settings import AppStoreSource
from tests.pipeline.crawl.stores import apple_path, publish_apple
from tests.site import Site


def source(site: Site, targets: Any, **changes: Any) -> AppStoreSource:
    fetch = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}
    described = {"kind": "appstore", "base_url": site.url, "targets": targets, "fetch": fetch}
    return AppStoreSource.model_validate(described | changes)


def stored(store: Store, settings: AppStoreSource) -> dict[str, Review]:
    found = [review for batch in store.read(settings.store_name) for review in batch]
    return {review.review_id: review for review in found}


def test_reviews_have_rating_date_and_group(site: Site, store: Store) -> None:
    publish_apple(site, "362057947", 120)
    settings = source(site, {"362057947": "카카오톡"})
    summary = crawl(settings, store)
    assert (summary.reviews, summary.skipped, summary.notices) == ({"new": 120}, {}, [])
    assert stored(store, settings)["362057947:36205794700007"] == Review(
        source=settings.store_name,
        review_id="362057947:36205794700007",
        text="제목 7\n362057947 앱 7번째 리뷰",
        group="362057947",
        group_name="카카오톡",
        date="2026-08-15",
        rating=3,
    )


def test_the_second_crawl_asks_for_what_is_new(site: Site, store: Store) -> None:
    publish_apple(site, "1", 200)
    settings = source(site, ["1"])
    crawl(settings, store)
    assert site.pages() == [apple_path("1", number) for number in range(1, 6)]
    assert crawl(settings, store).reviews == {"known": 50}
    assert site.pages() == [apple_path("1", 1)]
    publish_apple(site, "1", 203)
    assert crawl(settings, store).reviews == {"new": 3, "known": 97}
    assert site.pages() == [apple_path("1", 1), apple_path("1", 2)]


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("count", [0, 1, 2, 50, 51, 100, 101])
def test_a_list_of_any_length_has_an_end(count: int, own: bool, site: Site, store: Store) -> None:
    publish_apple(site, "1", count, own=own)
    settings = source(site, ["1"])
    summary = crawl(settings, store)
    assert len(stored(store, settings)) == count
    assert (summary.failures, summary.gaps, summary.is_cut, summary.notices) == (0, 0, False, [])


def test_reviews_beyond_the_tenth_page_are_not_taken_for_deleted(site: Site, store: Store) -> None:
    publish_apple(site, "1", 500)
    settings = source(site, ["1"])
    assert crawl(settings, store).is_cut
    publish_apple(site, "1", 600)
    for _ in range(3):
        crawl(settings, store, full=True, yes_delete=True)
    assert len(stored(store, settings)) == 600
