"""What robots.txt allows, and when it is read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.crawl.http.fetcher import ROBOTS_BYTES
from pipeline.crawl.http.robots import MAX_AGE, Robots
from pipeline.crawl.sites.base import Request
from pipeline.errors import FetchError, RunError, SourceError
from tests.pipeline.crawl.clock import Clock
from tests.pipeline.crawl.quick import BRIEF, fetcher
from tests.site import Answer, Late, Reply, Reset, Silence, Site, redirect, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        served.answers["/open"] = Answer("ok")
        yield served


def test_it_is_read_once_and_obeyed(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(
        "\ufeffUser-agent: *\nDisallow: /\n\nUser-agent: tester\nDisallow: /private/"
    )
    with fetcher(site, user_agent="tester/1 (me)") as polite:
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"
        with pytest.raises(SourceError, match=r"robots\.txt forbids .*/private/1 to tester"):
            polite.fetch(Request(url=f"{site.url}/private/1"))
        polite.fetch(Request(url=f"{site.url}/open"))
        assert polite.outcomes == {"robots.txt": 1, "200": 2}
        assert polite.requests == 3
    assert site.requests == ["/robots.txt", "/open", "/open"]


def test_threads_that_begin_together_read_it_once(site: Site) -> None:
    site.answers["/robots.txt"] = Late(0.1, Answer(""))
    with fetcher(site) as polite, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: polite.fetch(Request(url=f"{site.url}/open")), range(16)))
        assert polite.outcomes == {"robots.txt": 1, "200": 16}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_it_allows_all(site: Site, status: int) -> None:
    site.answers["/robots.txt"] = Answer("Disallow: /", status=status)
    with fetcher(site) as polite:
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"


@pytest.mark.parametrize(
    "reply",
    [Answer(status=500), Answer(status=503), Answer(status=429), Silence(), Reset(), Reset(10)],
    ids=str,
)
def test_one_that_fails_forbids_all(site: Site, reply: Reply) -> None:
    site.answers["/robots.txt"] = reply
    with fetcher(site, read_timeout=BRIEF) as polite:
        with pytest.raises(
            FetchError, match=r"robots\.txt: .*3 times: .*forbids all pages until it.*later"
        ):
            polite.fetch(Request(url=f"{site.url}/open"))
        assert polite.outcomes == {"robots.txt": 3}
    assert set(site.requests) == {"/robots.txt"}


def test_a_status_that_is_not_tried_again_forbids_all_too(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(status=501)
    with fetcher(site) as polite, pytest.raises(FetchError, match=r"501.*forbids all pages"):
        polite.fetch(Request(url=f"{site.url}/open"))


def test_a_host_without_a_name_server_forbids_all(site: Site) -> None:
    with (
        fetcher(site, hosts=["nowhere.invalid"], max_tries=2) as polite,
        pytest.raises(FetchError, match=r"nowhere\.invalid/robots\.txt: the host is not known"),
    ):
        polite.fetch(Request(url="http://nowhere.invalid/"))


def test_one_that_recovers_is_obeyed(site: Site) -> None:
    rules = Answer("User-agent: *\nDisallow: /private/")
    site.answers["/robots.txt"] = (Answer(status=503), Reset(), rules)
    with fetcher(site) as polite, pytest.raises(SourceError, match="forbids"):
        polite.fetch(Request(url=f"{site.url}/private/"))


def test_its_redirects_are_followed_on_the_host_only(site: Site) -> None:
    site.answers["/robots.txt"] = redirect("/rules")
    site.answers["/rules"] = Answer("User-agent: *\nDisallow: /private/")
    with fetcher(site) as polite:
        with pytest.raises(SourceError, match="forbids"):
            polite.fetch(Request(url=f"{site.url}/private/"))
        assert polite.outcomes == {"robots.txt": 2}
    site.answers["/robots.txt"] = redirect("http://elsewhere.example/robots.txt")
    with fetcher(site) as polite, pytest.raises(SourceError, match=r"leads to .*elsewhere"):
        polite.fetch(Request(url=f"{site.url}/open"))


def test_rules_beyond_its_longest_length_do_not_count(site: Site) -> None:
    comment = "#" * 99 + "\n"
    rules = "User-agent: *\nDisallow: /early\n" + comment * (ROBOTS_BYTES // 100 + 1)
    site.answers["/robots.txt"] = Answer(rules + "\nDisallow: /late")
    site.answers["/late"] = Answer("ok")
    with fetcher(site, max_bytes=1000) as polite:
        assert polite.fetch(Request(url=f"{site.url}/late")).text == "ok"
        with pytest.raises(SourceError, match="forbids"):
            polite.fetch(Request(url=f"{site.url}/early"))


def test_its_crawl_delay_slows_the_pace(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 20")
    clock = Clock()
    with fetcher(site, clock, delay=5) as slow:
        for _ in range(3):
            slow.fetch(Request(url=f"{site.url}/open"))
    assert clock.waits == pytest.approx([20, 20, 20], abs=0.01)


def test_a_redirect_to_a_forbidden_page_is_not_followed(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/")
    site.answers["/open"] = redirect("/private/1")
    with fetcher(site) as polite, pytest.raises(SourceError, match=r"forbids .*/private/1"):
        polite.fetch(Request(url=f"{site.url}/open"))
    assert site.requests == ["/robots.txt", "/open"]


def test_each_origin_has_its_own_and_each_is_read_again_when_it_is_old() -> None:
    read: list[str] = []

    def rules_at(address: str) -> str:
        read.append(address)
        if len(read) == 3:
            raise FetchError("not now")
        return "User-agent: *\nCrawl-delay: 2"

    clock = Clock()
    robots = Robots("tester", rules_at, clock)
    for url in ("http://a.example/1", "http://a.example/2", "http://a.example:81/1"):
        assert robots.permit(url) == 2
    assert read == ["http://a.example/robots.txt", "http://a.example:81/robots.txt"]
    clock.pass_by(MAX_AGE)
    with pytest.raises(FetchError, match="not now"):
        robots.permit("http://a.example/1")
    assert robots.permit("http://a.example/1") == 2
    assert len(read) == 4


def test_a_stop_ends_the_wait_for_it(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(status=500)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    begun = time.monotonic()
    with (
        fetcher(site, stop, first_wait=100) as polite,
        pytest.raises(RunError, match="interrupted"),
    ):
        polite.fetch(Request(url=f"{site.url}/open"))
    assert time.monotonic() - begun < 60
