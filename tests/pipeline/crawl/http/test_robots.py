"""robots.txt rules and when they are fetched."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.crawl.http.robots import MAX_AGE, Robots
from pipeline.crawl.http.sender import ROBOTS_BYTES
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


def test_robots_txt_is_fetched_once_and_obeyed(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(
        "\ufeffUser-agent: *\nDisallow: /\n\nUser-agent: tester\nDisallow: /private/"
    )
    with fetcher(site, user_agent="tester/1 (me)") as polite:
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"
        with pytest.raises(SourceError, match=r"robots\.txt disallows .*/private/1 for tester"):
            polite.fetch(Request(url=f"{site.url}/private/1"))
        polite.fetch(Request(url=f"{site.url}/open"))
        assert polite.outcomes == {"robots.txt": 1, "200": 2}
        assert polite.requests == 3
    assert site.requests == ["/robots.txt", "/open", "/open"]


def test_concurrent_threads_fetch_it_once(site: Site) -> None:
    site.answers["/robots.txt"] = Late(0.1, Answer(""))
    with fetcher(site) as polite, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: polite.fetch(Request(url=f"{site.url}/open")), range(16)))
        assert polite.outcomes == {"robots.txt": 1, "200": 16}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_site_without_robots_txt_allows_everything(site: Site, status: int) -> None:
    site.answers["/robots.txt"] = Answer("Disallow: /", status=status)
    with fetcher(site) as polite:
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"


@pytest.mark.parametrize(
    "reply",
    [Answer(status=500), Answer(status=503), Answer(status=429), Silence(), Reset(), Reset(10)],
    ids=str,
)
def test_unavailable_robots_txt_disallows_everything(site: Site, reply: Reply) -> None:
    site.answers["/robots.txt"] = reply
    with fetcher(site, read_timeout=BRIEF) as polite:
        with pytest.raises(
            FetchError,
            match=r"robots\.txt: .*3 attempts; no page may be fetched .*; try again later",
        ):
            polite.fetch(Request(url=f"{site.url}/open"))
        assert polite.outcomes == {"robots.txt": 3}
    assert set(site.requests) == {"/robots.txt"}


def test_status_that_is_not_retried_disallows_everything(site: Site) -> None:
    site.answers["/robots.txt"] = Answer(status=501)
    with fetcher(site) as polite, pytest.raises(FetchError, match=r"501; no page may be fetched"):
        polite.fetch(Request(url=f"{site.url}/open"))


def test_unknown_host_is_an_error(site: Site) -> None:
    with (
        fetcher(site, hosts=["nowhere.invalid"], max_tries=2) as polite,
        pytest.raises(FetchError, match=r"nowhere\.invalid/robots\.txt: unknown host name"),
    ):
        polite.fetch(Request(url="http://nowhere.invalid/"))


def test_robots_txt_is_retried(site: Site) -> None:
    rules = Answer("User-agent: *\nDisallow: /private/")
    site.answers["/robots.txt"] = (Answer(status=503), Reset(), rules)
    with fetcher(site) as polite, pytest.raises(SourceError, match="disallows"):
        polite.fetch(Request(url=f"{site.url}/private/"))


def test_redirects_of_robots_txt_stay_on_the_host(site: Site) -> None:
    site.answers["/robots.txt"] = redirect("/rules")
    site.answers["/rules"] = Answer("User-agent: *\nDisallow: /private/")
    with fetcher(site) as polite:
        with pytest.raises(SourceError, match="disallows"):
            polite.fetch(Request(url=f"{site.url}/private/"))
        assert polite.outcomes == {"robots.txt": 2}
    site.answers["/robots.txt"] = redirect("http://elsewhere.example/robots.txt")
    with fetcher(site) as polite, pytest.raises(SourceError, match=r"redirects to .*elsewhere"):
        polite.fetch(Request(url=f"{site.url}/open"))


def test_rules_beyond_the_size_limit_are_ignored(site: Site) -> None:
    comment = "#" * 99 + "\n"
    rules = "User-agent: *\nDisallow: /early\n" + comment * (ROBOTS_BYTES // 100 + 1)
    site.answers["/robots.txt"] = Answer(rules + "\nDisallow: /late")
    site.answers["/late"] = Answer("ok")
    with fetcher(site, max_bytes=1000) as polite:
        assert polite.fetch(Request(url=f"{site.url}/late")).text == "ok"
        with pytest.raises(SourceError, match="disallows"):
            polite.fetch(Request(url=f"{site.url}/early"))


def test_crawl_delay_increases_the_delay(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 20")
    clock = Clock()
    with fetcher(site, clock, delay=5) as slow:
        for _ in range(3):
            slow.fetch(Request(url=f"{site.url}/open"))
    assert clock.waits == pytest.approx([20, 20, 20], abs=0.01)


@pytest.mark.parametrize("delay", ["1e9", "1e10", "601"])
def test_endless_crawl_delay_is_refused(site: Site, delay: str) -> None:
    site.answers["/robots.txt"] = Answer(f"User-agent: *\nCrawl-delay: {delay}")
    clock = Clock()
    with (
        fetcher(site, clock) as slow,
        pytest.raises(SourceError, match=r"Crawl-delay.* increase source\.fetch\.max_cooldown"),
    ):
        slow.fetch(Request(url=f"{site.url}/open"))
    assert (clock.waits, site.requests) == ([], ["/robots.txt"])


def test_negative_crawl_delay_is_none(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: -5")
    clock = Clock()
    with fetcher(site, clock) as quick:
        quick.fetch(Request(url=f"{site.url}/open"))
    assert clock.waits == []


RULES = "User-agent: *\nDisallow: /private/\n"


@pytest.mark.parametrize(
    "reply",
    [
        Answer(RULES.encode("utf-16-le")),
        Answer(RULES.encode("utf-16-be")),
        Answer(RULES.encode("utf-32-le")),
        Answer(b"\x0b\x10\x80" + RULES.encode() + b"\x03", headers={"Content-Encoding": "br"}),
        Answer(gzip.compress(RULES.encode(), mtime=0)),
        Answer(gzip.compress(RULES.encode(), mtime=0)[:-4], headers={"Content-Encoding": "gzip"}),
        Answer(RULES, status=206),
    ],
    ids=str,
)
def test_unreadable_robots_txt_disallows_everything(site: Site, reply: Reply) -> None:
    site.answers["/robots.txt"] = reply
    with fetcher(site) as polite:
        with pytest.raises(FetchError, match="no page may be fetched while robots"):
            polite.fetch(Request(url=f"{site.url}/open"))
        site.answers["/robots.txt"] = Answer(RULES)
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp949"])
def test_readable_robots_txt_is_obeyed(site: Site, encoding: str) -> None:
    site.answers["/robots.txt"] = Answer(("# 수집 규칙\n" + RULES).encode(encoding))
    with fetcher(site) as polite:
        assert polite.fetch(Request(url=f"{site.url}/open")).text == "ok"
        with pytest.raises(SourceError, match="disallows"):
            polite.fetch(Request(url=f"{site.url}/private/1"))


def test_redirect_to_a_disallowed_page_is_not_followed(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/")
    site.answers["/open"] = redirect("/private/1")
    with fetcher(site) as polite, pytest.raises(SourceError, match=r"disallows .*/private/1"):
        polite.fetch(Request(url=f"{site.url}/open"))
    assert site.requests == ["/robots.txt", "/open"]


def test_robots_txt_is_per_origin_and_expires() -> None:
    read: list[str] = []

    def rules_at(address: str) -> str:
        read.append(address)
        if len(read) == 3:
            raise FetchError("not now")
        return "User-agent: *\nCrawl-delay: 2"

    clock = Clock()
    robots = Robots("tester", rules_at, 600, clock)
    for url in ("http://a.example/1", "http://a.example/2", "http://a.example:81/1"):
        assert robots.permit(url) == 2
    assert read == ["http://a.example/robots.txt", "http://a.example:81/robots.txt"]
    clock.pass_by(MAX_AGE)
    with pytest.raises(FetchError, match="not now"):
        robots.permit("http://a.example/1")
    assert robots.permit("http://a.example/1") == 2
    assert len(read) == 4


def test_stop_event_ends_the_wait(site: Site) -> None:
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
