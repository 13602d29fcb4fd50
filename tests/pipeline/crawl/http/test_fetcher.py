"""Successful fetches, redirects and allowed hosts."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.http.sender import MAX_REDIRECTS
from pipeline.crawl.sites.base import Page, Request
from pipeline.errors import FetchError, GoneError, SourceError
from tests.pipeline.crawl.quick import fetcher
from tests.site import Answer, Bomb, Site, redirect, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        served.answers["/page"] = Answer("안녕", headers={"Content-Type": "text/html"})
        yield served


def page(site: Site, path: str = "/page") -> Request:
    return Request(url=f"{site.url}{path}")


def test_request_sends_user_agent_and_no_cookies(site: Site) -> None:
    site.answers["/page"] = Answer("ok", headers={"Set-Cookie": "a=b"})
    with fetcher(site, user_agent="tester/1 bot", contact="김@example.com") as crawler:
        for _ in range(2):
            assert crawler.fetch(page(site)) == Page(url=f"{site.url}/page", text="ok")
    for asked in site.asked:
        agent = asked.headers["User-Agent"].encode("latin-1").decode()
        assert agent == "tester/1 bot (+김@example.com)"
        assert asked.headers["Accept-Encoding"] == "gzip, deflate"
        assert "Cookie" not in asked.headers


def test_invalid_header_is_an_error(site: Site) -> None:
    with (
        fetcher(site, contact="me\r\nX: y") as crawler,
        pytest.raises(FetchError, match=r"check source\.fetch"),
    ):
        crawler.fetch(page(site))


class Wall:
    """Redirects visitors without a cookie to the same page, which sets it."""

    def __init__(self, target: str = "/page", cookie: str = "seen=1; Path=/; HttpOnly") -> None:
        self._target, self._cookie = target, cookie

    def send(self, handler: Any, closing: threading.Event) -> None:
        if "seen=1" in handler.headers.get("Cookie", ""):
            Answer("안녕").send(handler, closing)
        else:
            headers = {"Location": self._target, "Set-Cookie": self._cookie}
            Answer(status=302, headers=headers).send(handler, closing)


@pytest.mark.parametrize("target", ["/page", "/check"])
def test_cookie_wall_is_passed_once(site: Site, target: str) -> None:
    site.answers["/page"] = Wall(target)
    site.answers["/check"] = redirect("/page")
    with fetcher(site) as crawler, ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            assert crawler.fetch(page(site)).text == "안녕"
        assert pool.submit(crawler.fetch, page(site)).result().text == "안녕"
        assert crawler.outcomes["302"] == (1 if target == "/page" else 2)
        assert crawler.outcomes["200"] == 3


def test_endless_cookie_wall_is_an_error(site: Site) -> None:
    site.answers["/page"] = Wall(cookie="other=1")
    with fetcher(site) as crawler, pytest.raises(FetchError, match="redirect loop"):
        crawler.fetch(page(site))
    assert len(site.requests) == 3


def test_cookies_go_to_their_host_only(site: Site) -> None:
    with serve() as other:
        other.answers["/page"] = Answer("there")
        by_name = other.url.replace("127.0.0.1", "localhost")
        headers = {"Location": f"{by_name}/page", "Set-Cookie": "seen=1"}
        site.answers["/page"] = Answer(status=302, headers=headers)
        private = ["127.0.0.1", "localhost"]
        with fetcher(site, hosts=["localhost"], private_hosts=private) as crawler:
            assert crawler.fetch(page(site)).text == "there"
        assert not any("Cookie" in asked.headers for asked in other.asked)


@pytest.mark.parametrize("status", [102, 103])
def test_informational_responses_are_passed_over(site: Site, status: int) -> None:
    class Hints:
        def send(self, handler: Any, closing: threading.Event) -> None:
            for _ in range(2):
                line = f"HTTP/1.1 {status} Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
                handler.wfile.write(line.encode())
                handler.wfile.flush()
            Answer("안녕").send(handler, closing)

    site.answers["/page"] = Hints()
    with fetcher(site) as crawler:
        for _ in range(2):
            assert crawler.fetch(page(site)).text == "안녕"
        assert crawler.outcomes == {"robots.txt": 1, "200": 2}


def test_netrc_is_not_sent(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with fetcher(site) as crawler:
        crawler.fetch(page(site))
    assert not any("Authorization" in asked.headers for asked in site.asked)


def test_post_sends_its_body_as_json(site: Site) -> None:
    with fetcher(site) as crawler:
        crawler.fetch(Request(url=f"{site.url}/page", method="POST", body='{"쪽": 1}'))
    asked = site.asked[-1]
    assert (asked.method, asked.body.decode()) == ("POST", '{"쪽": 1}')
    assert asked.headers["Content-Type"] == "application/json"


def test_threads_reuse_connections_and_share_the_delay(site: Site) -> None:
    begun = time.monotonic()
    with fetcher(site, threading.Event(), delay=0.04) as crawler, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: crawler.fetch(page(site)), range(12)))
    assert time.monotonic() - begun >= 0.04 * 12
    assert len({asked.client for asked in site.asked}) <= 5


@pytest.mark.parametrize("coding", ["gzip", "deflate", "x-gzip"])
def test_bodies_are_decompressed(site: Site, coding: str) -> None:
    text = "아파트가 좋아요. " * 20_000
    body = zlib.compress(text.encode()) if coding == "deflate" else gzip.compress(text.encode())
    site.answers["/page"] = Answer(body, headers={"Content-Encoding": coding})
    with fetcher(site) as crawler:
        for _ in range(2):
            assert crawler.fetch(page(site)).text == text
    assert len({asked.client for asked in site.asked}) == 1


def test_validators_are_returned_and_sent(site: Site) -> None:
    when = "Tue, 24 Nov 2026 00:00:00 GMT"
    site.answers["/page"] = (
        Answer("ok", headers={"ETag": '"1"', "Last-Modified": when}),
        Answer(status=304, headers={"ETag": '"1b"'}),
        Answer(status=304),
    )
    with fetcher(site) as crawler:
        first = crawler.fetch(page(site))
        assert (first.status, first.etag, first.last_modified) == (200, '"1"', when)
        again = crawler.fetch(page(site), etag=first.etag, last_modified=first.last_modified)
        assert (again.status, again.text) == (304, "")
        assert (again.etag, again.last_modified) == ('"1b"', when)
        with pytest.raises(FetchError, match="status 304"):
            crawler.fetch(page(site))
        assert crawler.outcomes == {"robots.txt": 1, "200": 1, "304": 2}
    second = site.asked[2].headers
    assert (second["If-None-Match"], second["If-Modified-Since"]) == ('"1"', when)


def test_redirects_on_the_same_host_are_followed(site: Site) -> None:
    site.answers["/old"] = redirect(
        "/%ED%9B%84기?a=1&b= #뒤".encode().decode("latin-1"), status=301
    )
    site.answers["/%ED%9B%84%EA%B8%B0?a=1&b=%20"] = redirect(
        "cp949/뷁".encode("cp949").decode("latin-1")
    )
    site.answers["/cp949/%94%EE"] = redirect("../page")
    with fetcher(site) as crawler:
        assert crawler.fetch(page(site, "/old")).url == f"{site.url}/page"
        assert crawler.outcomes == {"robots.txt": 1, "301": 1, "302": 2, "200": 1}


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST")])
def test_redirected_post(site: Site, status: int, method: str) -> None:
    site.answers["/search"] = redirect("/page", status=status)
    with fetcher(site) as crawler:
        crawler.fetch(Request(url=f"{site.url}/search", method="POST", body="{}"))
    assert (site.asked[-1].method, bool(site.asked[-1].body)) == (method, method == "POST")


@pytest.mark.parametrize(
    "target",
    [
        "http://localhost:{port}/page", "//elsewhere.example/", "http://127.0.0.1.elsewhere.example/",
        "http://2130706433:{port}/page", "http://127.0.0.1@elsewhere.example/",
        "http://127.0.0.1:{port}\\@elsewhere.example/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "http://[", "http://127.0.0.1.:{port}/",
    ],
)  # fmt: skip
def test_redirects_to_other_hosts_are_not_followed(site: Site, target: str) -> None:
    target = target.replace("{port}", str(site.port))
    site.answers["/away"] = redirect(target)
    with fetcher(site) as crawler, pytest.raises((SourceError, GoneError)) as caught:
        crawler.fetch(page(site, "/away"))
    assert f"{site.url}/away redirects to " in str(caught.value) or isinstance(
        caught.value, GoneError
    )
    assert [path for path in site.requests if "elsewhere" not in path] == ["/robots.txt", "/away"]


def test_redirect_loops_are_errors(site: Site) -> None:
    site.answers["/loop"] = redirect("/back")
    site.answers["/back"] = redirect("/loop")
    for number in range(20):
        site.answers[f"/{number}"] = redirect(f"/{number + 1}")
    with fetcher(site) as crawler:
        with pytest.raises(FetchError, match=r"/back redirects to http.*/loop: redirect loop"):
            crawler.fetch(page(site, "/loop"))
        with pytest.raises(
            FetchError, match=r"/5 redirects to .*/6: more than 5 redirects from .*/0"
        ):
            crawler.fetch(page(site, "/0"))
    assert len(site.requests) == 1 + 2 + 1 + MAX_REDIRECTS


def test_the_body_of_a_redirect_is_not_read(site: Site) -> None:
    site.answers["/old"] = Bomb(1000, status=302, headers={"Location": "/page"})
    with fetcher(site) as crawler:
        assert crawler.fetch(page(site, "/old")).text == "안녕"
    robots, old, following = (asked.client for asked in site.asked)
    assert robots == old != following  # what is not read cannot be passed over


def test_hosts_from_the_settings_are_allowed(site: Site) -> None:
    with serve() as other:
        other.answers["/page"] = Answer("there")
        by_name = other.url.replace("127.0.0.1", "localhost")
        site.answers["/away"] = redirect(f"{by_name}/page")
        private = ["127.0.0.1", "localhost"]
        with fetcher(site, hosts=["LocalHost"], private_hosts=private) as crawler:
            assert crawler.fetch(page(site, "/away")).text == "there"
        assert other.requests == ["/robots.txt", "/page"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "page", "http:///page"])
def test_only_http_urls_are_fetched(site: Site, url: str) -> None:
    with (
        fetcher(site) as crawler,
        pytest.raises(SourceError, match=r"not a valid URL|not an http or https URL"),
    ):
        crawler.fetch(Request(url=url))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=euc-kr", "똠방각하 뷁".encode("cp949")),
        ("text/html", '<meta charset="ks_c_5601-1987">뷁'.encode("cp949")),
        ("text/html; charset=us-ascii", "뷁".encode()),
        ("text/html; charset=ISO-8859-1", "뷁".encode()),
        ("application/json", '{"글": "뷁"}'.encode()),
        ("application/json; charset=euc-kr", '{"글": "뷁"}'.encode("cp949")),
        ("application/vnd.api+json", '{"글": "뷁"}'.encode()),
        ("application/rss+xml", '<?xml version="1.0" encoding="euc-kr"?>뷁'.encode("cp949")),
    ],
)
def test_korean_pages_are_decoded(site: Site, kind: str, body: bytes) -> None:
    site.answers["/page"] = Answer(body, headers={"Content-Type": kind})
    with fetcher(site) as crawler:
        assert "뷁" in crawler.fetch(page(site)).text
