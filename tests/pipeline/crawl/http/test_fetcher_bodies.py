"""Bodies that are truncated, too large, not text or wrongly encoded."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.errors import FetchError
from tests.pipeline.crawl.quick import failure, fetcher, page
from tests.site import Answer, Bomb, Flood, Reply, Site, serve

MEGABYTE = 1_000_000


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        yield served


class Chunked:
    """A body in chunks."""

    def __init__(self, body: bytes, coding: str) -> None:
        self._body, self._coding = body, coding

    def send(self, handler: Any, closing: threading.Event) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", self._coding)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(self._body), 1000):
            part = self._body[start : start + 1000]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.write(b"0\r\n\r\n")


class Closed:
    """A body that ends with the connection."""

    def __init__(self, body: bytes, coding: str) -> None:
        self._body, self._coding = body, coding

    def send(self, handler: Any, closing: threading.Event) -> None:
        handler.close_connection = True
        handler.send_response(200)
        handler.send_header("Content-Encoding", self._coding)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(self._body)


def sized(body: bytes, coding: str) -> Reply:
    return Answer(body, headers={"Content-Encoding": coding})


LONG = "".join(f"{number}번째 후기. " for number in range(20_000)).encode()
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
BODIES = {
    "gzip": gzip.compress(LONG),
    "x-gzip": gzip.compress(LONG[:40_000]) + gzip.compress(LONG[40_000:]),
    "deflate": zlib.compress(LONG),
    "raw deflate": RAW.compress(LONG) + RAW.flush(),
}


@pytest.mark.parametrize("framing", [sized, Chunked, Closed])
@pytest.mark.parametrize("kind", BODIES)
def test_truncated_compression_is_no_page(site: Site, framing: Any, kind: str) -> None:
    body, coding = BODIES[kind], kind.removeprefix("raw ")
    for cut in (len(body) // 2, len(body) - 1, 1):
        site.answers["/page"] = framing(body[:cut], coding)
        assert f"the {coding} body is truncated" in failure(site, max_tries=2)
    site.answers["/page"] = framing(body, coding)
    with fetcher(site) as crawler:
        assert crawler.fetch(page(site)).text == LONG.decode()


@pytest.mark.parametrize("end", [b"\0" * 20, b"\n"])
def test_what_follows_a_gzip_body_is_ignored(site: Site, end: bytes) -> None:
    site.answers["/page"] = sized(gzip.compress(LONG) + end, "gzip")
    with fetcher(site) as crawler:
        assert crawler.fetch(page(site)).text == LONG.decode()


@pytest.mark.parametrize("reply", [Bomb(1000), Flood(50), Answer(b"x" * 1_100_000)], ids=str)
def test_too_large_body_is_rejected(site: Site, reply: Reply) -> None:
    site.answers["/page"] = reply
    with fetcher(site, max_bytes=MEGABYTE) as crawler:
        with pytest.raises(
            FetchError, match=r"exceeds 1,000,000 bytes; increase source\.fetch\.max"
        ):
            crawler.fetch(page(site))
        assert crawler.outcomes == {"robots.txt": 1, "too large": 1}


def test_decompression_bomb_takes_little_memory(site: Site) -> None:
    bomb = Bomb(1000)
    site.answers["/page"] = bomb
    site.answers["/robots.txt"] = bomb
    packed = len(bomb.packed)
    tracemalloc.start()
    try:
        failure(site, max_bytes=5 * MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * MEGABYTE * 1.5 + packed + 2 * MEGABYTE


@pytest.mark.parametrize(
    "kind",
    ["image/png", "application/octet-stream", "application/pdf", "video/mp4",
     "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
)  # fmt: skip
def test_content_type_that_is_not_text_is_rejected(site: Site, kind: str) -> None:
    site.answers["/page"] = Answer(b"\x89PNG", headers={"Content-Type": kind})
    assert f"content type {kind} is not text" in failure(site)
    assert site.requests == ["/robots.txt", "/page"]


def test_control_characters_of_a_content_type_are_escaped(site: Site) -> None:
    site.answers["/page"] = Answer(b"", headers={"Content-Type": "image/\x1b[2J\x9bpng"})
    assert "content type image/\\u001b[2J\\u009bpng is not text" in failure(site)


def test_unsupported_content_encoding_is_rejected(site: Site) -> None:
    site.answers["/page"] = Answer(b"", headers={"Content-Encoding": "br"})
    assert "unsupported content encoding br" in failure(site)
