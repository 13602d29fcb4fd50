"""The name of a source in the store."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from pipeline.crawl.run import crawl
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource
from tests.site import Answer, Site


def source(site: Site, body: str, **changes: Any) -> JsonSource:
    described: dict[str, Any] = {
        "kind": "json",
        "url": f"{site.url}/reviews",
        "method": "POST",
        "body": body,
        "fields": {"id": "id", "text": "text", "rating": ""},
        "fetch": {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1},
    }
    return JsonSource.model_validate(described | changes)


def publish(site: Site) -> None:
    site.answers["/reviews"] = Answer(json.dumps([{"id": n, "text": "글"} for n in range(5)]))


def test_two_bodies_are_two_sources_and_a_key_is_no_part_of_the_name(site: Site) -> None:
    first, second = source(site, '{"product": 1}'), source(site, '{"product": 2}')
    assert first.store_name.startswith(f"json:{site.url}/reviews ")
    assert first.store_name != second.store_name
    assert source(site, '{ "product" : 1 }').store_name == first.store_name
    keys = {source(site, f'{{"product": 1, "api_key": "{key}"}}').store_name for key in "ab"}
    assert len(keys) == 1


def test_a_full_crawl_of_one_product_leaves_the_other(site: Site, store: Store) -> None:
    publish(site)
    first, second = source(site, '{"product": 1}'), source(site, '{"product": 2}')
    crawl(first, store)
    site.answers["/reviews"] = Answer(json.dumps([{"id": 99, "text": "다른 글"}]))
    for _ in range(3):
        crawl(second, store, full=True, yes_delete=True)
    assert store.sources() == {first.store_name: 5, second.store_name: 1}
    with store.database.reading() as connection:
        assert store.count(connection, first.store_name) == 5


def test_a_name_of_the_settings_is_taken(site: Site, store: Store) -> None:
    publish(site)
    crawl(source(site, '{"product": 1}', name="우리 가게"), store)
    assert store.sources() == {"우리 가게": 5}


def test_a_source_of_an_earlier_version_keeps_its_reviews(site: Site, store: Store) -> None:
    publish(site)
    settings = source(site, '{"product": 1}')
    crawl(settings, store)
    with store.database.transaction() as connection:
        for table in ("reviews", "crawls"):
            statement = f"UPDATE {table} SET source = :name"  # noqa: S608
            connection.execute(sa.text(statement), {"name": f"json:{site.url}/reviews"})
    assert crawl(settings, store).reviews == {"known": 5}
    assert store.sources() == {settings.store_name: 5}
