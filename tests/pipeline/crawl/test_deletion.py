"""Reviews are marked as deleted only with proof."""

from __future__ import annotations

import pytest

from pipeline.errors import FetchError
from pipeline.reviews.store import Store
from tests.pipeline.crawl.endings import (
    LISTED,
)
from tests.pipeline.crawl.lists import (
    crawl,
    matches,
    publish,
    source,
    stored,
)
from tests.site import Answer, Site


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
