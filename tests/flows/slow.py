"""A site whose second page keeps the first crawl waiting: a run that lasts and costs no work."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from tests.pipeline.crawl.lists import entries, publish
from tests.site import Answer, Late, Site, serve

SECONDS = 1200


@contextlib.contextmanager
def slow_site() -> Iterator[Site]:
    """Serve the site; the page that the first crawl waits for is given to the second at once."""
    with serve() as site:
        _, second = publish(site, entries(1, 20))
        answer = site.answers[second]
        assert isinstance(answer, Answer)
        closed = replace(answer, headers={"Connection": "close"})
        site.answers[second] = [Late(SECONDS, closed), answer]
        yield site


def settings_of(site: Site) -> tuple[str, ...]:
    """Settings of a crawl of the site, which waits as long as the site wants."""
    fetch = f"delay = 0, read_timeout = {SECONDS}, page_timeout = {SECONDS}"
    return (
        *("source.kind=html", f"source.url={site.url}/list?page=1", "source.item=li"),
        'source.fields={id = "@id", text = "p", rating = "b"}',
        'source.paging={link = "a.next"}',
        f'source.fetch={{{fetch}, private_hosts = ["127.0.0.1"]}}',
    )


def is_waiting(site: Site) -> bool:
    """Whether a crawl has asked for the second page."""
    return "/list?page=2" in site.requests
