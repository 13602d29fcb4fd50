from pipeline.crawl.page_cache import PageCache, forget_pages
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.reviews.review import Review
from pipeline.storage.database import Database

FIRST, SECOND = Request(url="https://a.example/1"), Request(url="https://a.example/2")


def test_pages_are_remembered_per_plan(database: Database) -> None:
    cache = PageCache(database, "s", "plan")
    review = Review(source="s", review_id="1", text="좋아요", aspect="교통")
    parsed = Parsed(reviews=[review], requests=[SECOND], next_page=SECOND)
    with database.transaction() as connection:
        cache.remember(connection, FIRST, Page(url=FIRST.url, etag='"a"'), parsed)
        cache.remember(connection, SECOND, Page(url=SECOND.url), parsed)
    assert cache.recall(FIRST) is None
    cache = PageCache(database, "s", "plan")
    remembered = cache.recall(FIRST)
    assert remembered is not None
    assert (remembered.etag, remembered.reviews) == ('"a"', [("1", "교통")])
    assert (remembered.requests, remembered.next_page) == ([SECOND], SECOND)
    assert cache.recall(SECOND) is None
    assert PageCache(database, "s", "other").recall(FIRST) is None
    with database.transaction() as connection:
        cache.remember(connection, FIRST, Page(url=FIRST.url), parsed)
    assert cache.recall(FIRST) is None
    with database.transaction() as connection:
        cache.remember(connection, FIRST, Page(url=FIRST.url, last_modified="x"), parsed)
        forget_pages(connection, ["s"])
    assert cache.recall(FIRST) is None
