"""Renames sources that earlier versions stored under other names."""

from __future__ import annotations

import sqlalchemy as sa

from pipeline.crawl.history import crawls, end_crawl, lists, read_summary, write_summary
from pipeline.crawl.page_cache import forget_pages
from pipeline.redact import redact
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource, SiteSource
from pipeline.settings.sites import fingerprint


def hide_secrets(store: Store) -> None:
    """Rename the sources of a store whose names contain secrets of their URLs.

    Earlier versions stored such names. The reviews keep their history; the pages of these sources
    are fetched again.
    """
    with store.database.reading() as connection:
        names = connection.scalars(sa.select(crawls.c.source).distinct()).all()
    _rename(store, {name: new for name in names if (new := _without_secrets(name)) != name})


def take_over(store: Store, settings: SiteSource) -> None:
    """Rename a source that an earlier version stored under a name without its POST body."""
    body = settings.body if isinstance(settings, JsonSource) and settings.method == "POST" else ""
    if not body or settings.name:
        return
    new = settings.store_name
    old = new.removesuffix(fingerprint(body, settings.fetch.query))
    query = sa.select(crawls.c.source).where(crawls.c.source.in_((old, new))).distinct()
    with store.database.reading() as connection:
        found = set(connection.scalars(query))
    if found == {old}:
        _rename(store, {old: new})


def _rename(store: Store, renamed: dict[str, str]) -> None:
    if not renamed:
        return
    with store.database.erasing() as connection:
        forget_pages(connection, list(renamed))
        for old, new in renamed.items():
            store.rename(connection, old, new)
            connection.execute(lists.delete().where(lists.c.source == old))
            query = sa.select(crawls.c.id).where(crawls.c.source == old)
            for crawl in connection.scalars(query).all():
                end_crawl(connection, crawl, complete=False)
                summary = read_summary(connection, crawl)
                summary.sources = [renamed.get(name, name) for name in summary.sources]
                write_summary(connection, crawl, summary)
            connection.execute(crawls.update().where(crawls.c.source == old).values(source=new))


def _without_secrets(name: str) -> str:
    if name.startswith("zigbang:"):  # the rest is a host, not a URL
        return redact(name.replace(":", "://", 1)).replace("://", ":", 1)
    return redact(name)
