"""Complete crawls over HTTP."""

from collections.abc import Iterator

import pytest

from pipeline.crawl import run as sources
from pipeline.crawl.demo_site import serve_demo_site
from pipeline.crawl.engine import MAX_CONSECUTIVE_FAILURES
from pipeline.errors import FetchError, SourceError
from pipeline.reviews.store import Store
from pipeline.settings import FetchSettings, ZigbangSource
from pipeline.storage.database import Database
from tests.pipeline.crawl.lists import (
    complexes,
    crawl,
    entries,
    matches,
    page,
    publish,
    publish_complexes,
    source,
    stored,
)
from tests.site import Answer, Site, serve


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


@pytest.mark.parametrize("connections", [1, 4])
def test_each_page_is_fetched_once(site: Site, store: Store, connections: int) -> None:
    listed = entries(1, 95)
    paths = publish(site, listed)
    settings = source(site, fetch={"connections": connections})
    summary = crawl(settings, store)
    assert matches(stored(store, settings), listed)
    assert site.pages() == paths
    assert summary.full
    assert (summary.pages, summary.reviews) == (10, {"new": 95})
    assert summary.requests == {"robots.txt": 1, "200": 10}


def test_incremental_crawl_stops_at_known_reviews(site: Site, store: Store) -> None:
    publish(site, entries(1, 500))
    settings = source(site, look_back=25)
    crawl(settings, store)
    listed = entries(1, 512)
    paths = publish(site, listed)
    site.pages()
    summary = crawl(settings, store)
    assert matches(stored(store, settings), listed)
    assert site.pages() == paths[:4]
    assert not summary.full
    assert summary.reviews == {"new": 12, "known": 28}


def test_edited_review_restarts_the_look_back(site: Site, store: Store) -> None:
    listed = entries(1, 200)
    publish(site, listed)
    settings = source(site, look_back=15)
    crawl(settings, store)
    listed[12] = (listed[12][0], "고쳐 쓴 후기", 1)
    paths = publish(site, listed)
    site.pages()
    summary = crawl(settings, store)
    assert summary.reviews["changed"] == 1
    assert site.pages() == paths[:3]
    assert matches(stored(store, settings), listed)


def test_only_a_full_crawl_detects_deleted_reviews(site: Site, store: Store) -> None:
    publish(site, entries(1, 100))
    settings = source(site, look_back=20)
    crawl(settings, store)
    listed = [entry for entry in entries(1, 100) if entry[0] not in ("3", "50")]
    publish(site, listed)
    crawl(settings, store)
    assert len(stored(store, settings)) == 100
    assert crawl(settings, store, full=True).reviews == {"known": 98, "missing": 2}
    assert crawl(settings, store, full=True).reviews == {"known": 98, "deleted": 2}
    assert matches(stored(store, settings), listed)


def test_broken_list_deletes_nothing(site: Site, store: Store) -> None:
    listed = entries(1, 50)
    paths = publish(site, listed)
    settings = source(site)
    crawl(settings, store)
    site.answers[paths[2]] = Answer(status=404)
    summary = crawl(settings, store, full=True)
    assert summary.reviews == {"known": 20}
    assert summary.is_cut
    assert summary.notices == [f"{site.url}{paths[2]}: page not found, the list ends here"]
    assert matches(stored(store, settings), listed)


def test_circular_link_ends_the_list(site: Site, store: Store) -> None:
    paths = publish(site, entries(1, 30))
    site.answers[paths[-1]] = Answer(page(entries(1, 10), paths[0]))
    settings = source(site)
    summary = crawl(settings, store)
    assert site.pages() == paths
    assert summary.notices == [
        f"{site.url}{paths[-1]}: links to a page that was already crawled, the list ends here"
    ]
    assert matches(stored(store, settings), entries(1, 30))


def test_repeated_pages_end_the_list(site: Site, store: Store) -> None:
    publish(site, entries(1, 30))
    for number in range(4, 100):
        site.answers[f"/list?page={number}"] = Answer(page(entries(1, 10), f"?page={number + 1}"))
    site.answers["/list?page=3"] = Answer(page(entries(1, 10), "?page=4"))
    summary = crawl(source(site), store)
    assert len(site.pages()) == 6
    notice = "3 pages in a row repeat earlier pages, the rest of the list is skipped"
    assert summary.notices == [f"{site.url}/list?page=6: {notice}"]
    assert not crawl(source(site), store).full


def test_endless_list_is_cut(site: Site, store: Store) -> None:
    publish(site, entries(1, 1000))
    settings = source(site, max_pages=7)
    summary = crawl(settings, store)
    assert summary.is_cut
    assert (
        "stopped at source.max_pages = 7 before the end of the list; increase it"
        in summary.notices[0]
    )
    assert matches(stored(store, settings), entries(931, 1000))


def test_reviews_published_during_a_crawl(site: Site, store: Store) -> None:
    publish(site, entries(1, 60))
    late = publish(site, entries(1, 65))
    site.answers["/list?page=1"] = Answer(page(entries(51, 60), late[1]))
    settings = source(site)
    assert crawl(settings, store).reviews == {"new": 60, "repeated": 5}
    assert matches(stored(store, settings), entries(1, 60))


def test_failed_pages_are_named_and_the_rest_is_stored(site: Site, store: Store) -> None:
    paths = publish_complexes(site, range(5))
    healthy = dict(site.answers)
    site.answers[paths[2]] = Answer(status=500)
    site.answers[paths[4]] = Answer(status=404)
    settings = complexes(site)
    with pytest.raises(FetchError, match=rf"1 page failed.*{paths[2]}.*500"):
        sources.crawl(settings, store)
    name = f"zigbang:{site.url.removeprefix('http://')}"
    assert [review.review_id for batch in store.read(name) for review in batch] == ["0", "1", "3"]
    summary = sources.crawl(complexes(site, max_failed_pages=1), store)
    assert summary.full
    assert (summary.failures, summary.skipped) == (1, {"page is gone": 1})
    assert list(summary.failed) == [site.url + paths[2]]
    site.answers = healthy
    assert sources.crawl(settings, store).reviews == {"known": 3, "new": 2}
    assert not sources.crawl(settings, store).full


def test_crawl_gives_up_after_consecutive_failures(site: Site, store: Store) -> None:
    paths = publish_complexes(site, range(30))
    healthy = dict(site.answers)
    site.answers |= dict.fromkeys(paths, Answer(status=500))
    with pytest.raises(
        FetchError, match=f"gave up after {MAX_CONSECUTIVE_FAILURES} failed pages in a row"
    ):
        sources.crawl(complexes(site), store)
    assert len(site.pages()) == 1 + MAX_CONSECUTIVE_FAILURES
    site.answers = healthy
    assert sources.crawl(complexes(site), store).reviews == {"new": 30}
    assert len(site.pages()) == len(paths)


def test_failure_of_the_first_page_is_raised_and_the_crawl_resumes(
    site: Site, store: Store
) -> None:
    publish(site, entries(1, 10))
    settings = source(site, fetch={"max_tries": 1})
    site.answers["/list?page=1"] = Answer(status=503)
    with pytest.raises(FetchError, match="503"):
        crawl(settings, store)
    site.answers["/list?page=1"] = Answer("<p>무엇</p>")
    with pytest.raises(SourceError, match=r"source\.item"):
        crawl(settings, store)
    publish(site, entries(1, 10))
    assert crawl(settings, store).reviews == {"new": 10}


def test_unchanged_pages_are_not_transferred_again(store: Store) -> None:
    with serve_demo_site() as demo:
        fetch = FetchSettings(delay=0, private_hosts=("127.0.0.1",))
        settings = ZigbangSource(kind="zigbang", base_url=demo.url, cells=demo.cells, fetch=fetch)
        first = sources.crawl(settings, store)
        second = sources.crawl(settings, store, full=True)
    assert second.requests == {"robots.txt": 1, "304": first.pages}
    assert second.reviews == {"known": first.reviews["new"]}


def test_number_of_connections_does_not_change_the_result(
    database: Database, demo_site: object
) -> None:
    found = []
    for connections in (1, 8):
        store = Store(database)
        with serve_demo_site() as demo:
            fetch = FetchSettings(delay=0, private_hosts=("127.0.0.1",), connections=connections)
            settings = ZigbangSource(
                kind="zigbang", base_url=demo.url, cells=demo.cells, fetch=fetch
            )
            summary = sources.crawl(settings, store)
        found.append(
            [
                {**vars(review), "source": ""}
                for batch in store.read(summary.sources[0])
                for review in batch
            ]
        )
    assert found[0] == found[1]


def test_dates_that_are_not_understood_are_counted_over_all_pages(store: Store, site: Site) -> None:
    publish(site, entries(1, 25))
    fields = {"id": "@id", "text": "p", "rating": "b", "date": "p"}
    summary = crawl(source(site, fields=fields), store)
    assert summary.unread == {"dates": 25}
    assert '25 dates not understood (first "25번째 후기, 살기 4점")' in str(summary)
