"""Behaviour of the fetcher on failing sites."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from pipeline.crawl.http.throttle import JITTER
from pipeline.errors import FetchError, GoneError, RunError
from tests.pipeline.crawl.clock import Clock
from tests.pipeline.crawl.quick import BRIEF, failure, fetcher, page
from tests.site import Answer, Drip, Late, Reply, Reset, Silence, Site, redirect, serve

OK = Answer("ok")
TRUNCATED = Answer('{"data": [', headers={"Content-Length": "5000"})


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        *((Answer(status=status), str(status)) for status in (408, 429, 500, 502, 503, 504)),
        (Reset(), "reset"),
        (Reset(after=100), "reset"),
        (Silence(), "timeout"),
        (Late(3 * BRIEF, OK), "timeout"),
        (TRUNCATED, "truncated"),
        (Answer("no gzip", headers={"Content-Encoding": "gzip"}), "broken body"),
        (Answer("no deflate", headers={"Content-Encoding": "deflate"}), "broken body"),
        (Answer(status=206), "206"),
    ],
)
def test_temporary_failure_is_retried(site: Site, reply: Reply, outcome: str) -> None:
    site.answers["/page"] = (reply, reply, OK)
    limits: dict[str, Any] = {"read_timeout": BRIEF} if outcome == "timeout" else {}
    with fetcher(site, **limits) as crawler:
        assert crawler.fetch(page(site)).text == "ok"
        assert crawler.outcomes == {"robots.txt": 1, outcome: 2, "200": 1}
    site.answers["/page"] = reply
    with fetcher(site, max_tries=2, **limits) as crawler:
        with pytest.raises(FetchError, match="gave up after 2 attempts; try again later"):
            crawler.fetch(page(site))
        assert crawler.requests == 3


@pytest.mark.parametrize("status", [400, 401, 403, 405, 451, 501, 300, 305])
def test_other_statuses_are_not_retried(site: Site, status: int) -> None:
    site.answers["/page"] = Answer(status=status)
    assert f"status {status}" in failure(site)
    assert site.requests == ["/robots.txt", "/page"]


@pytest.mark.parametrize("status", [404, 410])
def test_missing_page_raises_gone_error(site: Site, status: int) -> None:
    site.answers["/page"] = Answer(status=status)
    with fetcher(site) as crawler, pytest.raises(GoneError, match=f"{status}, page not found"):
        crawler.fetch(page(site))


def test_refused_connection(site: Site) -> None:
    with serve() as gone:
        pass
    with fetcher(site) as crawler:
        with pytest.raises(FetchError, match=r"connection refused, gave up after 3 attempts"):
            crawler.fetch(page(gone))
        assert crawler.outcomes == {"robots.txt": 3}


def test_back_off_doubles(site: Site) -> None:
    site.answers["/page"] = (Answer(status=500), Answer(status=500), Answer(status=500), OK)
    clock = Clock()
    with fetcher(site, clock, first_wait=8, max_tries=4) as crawler:
        crawler.fetch(page(site))
    for wait, expected in zip(clock.waits, (8, 16, 32), strict=True):
        assert expected <= wait <= expected * (1 + JITTER)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asks", "least", "most"),
    [("100", 99.9, 100), ("date", 400, 500), *((none, 4.9, 5 * (1 + JITTER)) for none in
     ("0", "-3", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", None))],
)  # fmt: skip
def test_retry_after_is_respected(
    site: Site, status: int, asks: str | None, least: float, most: float
) -> None:
    if asks == "date":
        asks = format_datetime(datetime.now(UTC) + timedelta(seconds=500), usegmt=True)
    headers = {} if asks is None else {"Retry-After": asks}
    site.answers["/page"] = (Answer(status=status, headers=headers), OK)
    clock = Clock()
    with fetcher(site, clock, first_wait=5) as crawler:
        assert crawler.fetch(page(site)).text == "ok"
    (wait,) = clock.waits
    assert least <= wait <= most


def test_retry_after_is_capped(site: Site) -> None:
    site.answers["/page"] = (Answer(status=429, headers={"Retry-After": "86400"}), OK)
    clock = Clock()
    with fetcher(site, clock, max_cooldown=20) as crawler:
        crawler.fetch(page(site))
    assert clock.waits == pytest.approx([20], abs=0.01)


def test_cooldown_applies_to_all_threads_and_a_burst_counts_once(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    together = threading.Barrier(8)

    class Busy:
        def send(self, handler: Any, closing: threading.Event) -> None:
            together.wait(60)
            Answer(status=429).send(handler, closing)

    site.answers["/page"] = (*[Busy()] * 8, OK)
    real = threading.Event()
    with fetcher(site, real, first_wait=0.3) as crawler, ThreadPoolExecutor(8) as pool:
        assert [done.text for done in pool.map(lambda _: crawler.fetch(page(site)), range(8))]
        assert crawler.outcomes == {"robots.txt": 1, "429": 8, "200": 8}
    times = [asked.at for asked in site.asked if asked.path == "/page"]
    assert times[8] - times[7] >= 0.3
    assert [one.levelname for one in caplog.records if one.module == "throttle"] == ["WARNING"]


@pytest.mark.parametrize("where", ["head", "body", "chunk"])
def test_slow_response_is_aborted_at_the_page_timeout(site: Site, where: str) -> None:
    site.answers["/page"] = Drip(0.05, where)
    begun = time.monotonic()
    said = failure(site, page_timeout=BRIEF, max_tries=1)
    assert f"no complete response within {BRIEF:g} s; increase source.fetch.page_timeout" in said
    assert BRIEF <= time.monotonic() - begun < 60


def test_silence_until_the_page_timeout_names_it(site: Site) -> None:
    site.answers["/page"] = Silence()
    with ThreadPoolExecutor(5) as pool:
        tries = [
            pool.submit(failure, site, page_timeout=BRIEF, read_timeout=60, max_tries=1)
            for _ in range(5)
        ]
        for ended in tries:
            assert "source.fetch.page_timeout" in ended.result()


def test_redirects_share_the_page_timeout(site: Site) -> None:
    for number in range(5):
        site.answers[f"/{number}"] = Late(0.4 * BRIEF, redirect(f"/{number + 1}"))
    site.answers["/page"] = redirect("/0")
    assert "no complete response" in failure(site, page_timeout=BRIEF, max_tries=1)
    assert len(site.requests) < 6


def test_next_request_after_a_timeout_succeeds(site: Site) -> None:
    site.answers["/page"] = (OK, Drip(0.05), OK, OK)
    with fetcher(site, page_timeout=BRIEF) as crawler:
        for _ in range(3):
            assert crawler.fetch(page(site)).text == "ok"
        assert crawler.outcomes == {"robots.txt": 1, "200": 3, "timeout": 1}


def test_invalid_http_response(site: Site) -> None:
    class Nonsense:
        def send(self, handler: Any, closing: threading.Event) -> None:
            handler.wfile.write(b"220 mail.example ready\r\n\r\n")
            handler.close_connection = True

    site.answers["/page"] = Nonsense()
    assert "invalid HTTP response" in failure(site, max_tries=1)


def test_stop_event_ends_back_off_and_cooldown(site: Site) -> None:
    for reply in (Answer(status=500), Answer(status=429, headers={"Retry-After": "300"})):
        site.answers["/page"] = reply
        stop = threading.Event()
        with fetcher(site, stop, first_wait=100) as crawler:
            threading.Timer(0.1, stop.set).start()
            begun = time.monotonic()
            with pytest.raises(RunError, match="interrupted") as caught:
                crawler.fetch(page(site))
            assert not isinstance(caught.value, FetchError)
            assert time.monotonic() - begun < 60


@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            '{"error": {\n "code": 403, "errors": [{"reason": "quotaExceeded"}]}}',
            '({"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}]}})',
        ),
        ("한도를\n\x1b[31m초과", "(한도를 \\u001b[31m초과)"),
        ("<html><title>Forbidden</title></html>", "status 403; check"),
        ("", "status 403; check"),
        ("x" * 500, f"({'x' * 200}…)"),
        ('{"access_token": "abcdef123456"}', '({"access_token": "***"})'),
        (f'{{"m": "{"y" * 190}", "secret": "{"z" * 90}"}}', "yyy"),
    ],
    ids=str,
)
def test_error_line_has_what_the_site_says(
    site: Site, body: str, words: str, is_chunked: bool
) -> None:
    site.answers["/page"] = Chunked(body) if is_chunked else Answer(body, status=403)
    message = failure(site)
    assert words in message
    assert "zzz" not in message


def test_broken_body_of_an_error_is_left_out(site: Site) -> None:
    site.answers["/page"] = Answer("no gzip", status=401, headers={"Content-Encoding": "gzip"})
    assert "status 401; check" in failure(site)


class Chunked:
    """A refusal whose length is not known."""

    def __init__(self, body: str) -> None:
        self._body = body.encode()

    def send(self, handler: Any, closing: threading.Event) -> None:
        handler.send_response(403)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        if self._body:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(self._body), self._body))
        handler.wfile.write(b"0\r\n\r\n")
