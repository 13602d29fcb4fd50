import gzip
import time
from collections.abc import Iterator

import pytest

from pipeline.crawl.fetch import Fetcher
from pipeline.errors import FetchError, SourceError
from pipeline.settings import FetchSettings
from tests.site import Answer, Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


def fetcher(site: Site, **settings: float | str) -> Fetcher:
    return Fetcher(site.url, FetchSettings.model_validate({"delay": 0, **settings}))


def test_robots_txt_is_read_once_and_obeyed(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nDisallow: /private/")
    site.answers["/open"] = Answer("안녕")
    with fetcher(site, user_agent="tester/1 (me@example.com)") as polite:
        assert polite.get(f"{site.url}/open") == "안녕"
        with pytest.raises(SourceError, match=r"robots\.txt of .* forbids .*/private/1"):
            polite.get(f"{site.url}/private/1")
        polite.get(f"{site.url}/open")
        assert polite.requests == 3
    assert site.requests == ["/robots.txt", "/open", "/open"]
    assert site.agents == {"tester/1 (me@example.com)"}


def test_no_robots_txt_allows_all_and_a_broken_one_forbids_all(site: Site) -> None:
    site.answers["/open"] = Answer("ok")
    with fetcher(site) as allowed:
        assert allowed.get(f"{site.url}/open") == "ok"
    site.answers["/robots.txt"] = Answer(status=503)
    with fetcher(site) as forbidden, pytest.raises(FetchError, match="503, which forbids"):
        forbidden.get(f"{site.url}/open")
    assert site.requests[-1] == "/robots.txt"


def test_the_pace_is_the_slower_of_the_settings_and_the_crawl_delay(site: Site) -> None:
    site.answers["/robots.txt"] = Answer("User-agent: *\nCrawl-delay: 0.3")
    site.answers["/a"] = Answer("a")
    with fetcher(site, delay=0.05) as slow:
        slow.get(f"{site.url}/a")
        begun = time.monotonic()
        slow.get(f"{site.url}/a")
        assert time.monotonic() - begun >= 0.29


def test_redirects_stay_on_the_host(site: Site) -> None:
    site.answers["/old"] = Answer(status=301, headers={"Location": "/new"})
    site.answers["/new"] = Answer("here")
    site.answers["/away"] = Answer(status=302, headers={"Location": "http://localhost:1/secret"})
    site.answers["/loop"] = Answer(status=302, headers={"Location": "/loop"})
    with fetcher(site) as crawler:
        assert crawler.get(f"{site.url}/old") == "here"
        with pytest.raises(SourceError, match="localhost:1/secret does not lie on"):
            crawler.get(f"{site.url}/away")
        with pytest.raises(FetchError, match="more than 5 redirects"):
            crawler.get(f"{site.url}/loop")
        with pytest.raises(SourceError, match="is no http or https address"):
            crawler.get("file:///etc/passwd")


def test_a_body_is_capped_after_decompression(site: Site) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    site.answers["/bomb"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
    assert len(bomb) < 10_000
    with fetcher(site, max_bytes=10_000) as careful, pytest.raises(FetchError, match="10,000 byte"):
        careful.get(f"{site.url}/bomb")


def test_what_goes_wrong_is_named(site: Site) -> None:
    site.answers["/broken"] = Answer(status=500)
    with fetcher(site) as crawler:
        with pytest.raises(FetchError, match="/gone: the server answered 404"):
            crawler.get(f"{site.url}/gone")
        with pytest.raises(FetchError, match="/broken: the server answered 500"):
            crawler.get(f"{site.url}/broken")
    with (
        Fetcher("http://127.0.0.1:9", FetchSettings()) as nobody,
        pytest.raises(FetchError, match=r"127\.0\.0\.1:9/robots\.txt: no connection"),
    ):
        nobody.get("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=euc-kr", "똠방각하 뷁".encode("cp949")),
        ("text/html", '<meta charset="ks_c_5601-1987">뷁'.encode("cp949")),
        ("text/html", "뷁 똠".encode("cp949")),
        ("text/html", "\ufeff뷁".encode()),
        ("text/html; charset=us-ascii", "뷁".encode()),
    ],
)
def test_korean_pages_are_decoded(site: Site, kind: str, body: bytes) -> None:
    site.answers["/page"] = Answer(body, headers={"Content-Type": kind})
    with fetcher(site) as crawler:
        text = crawler.get(f"{site.url}/page")
    assert "뷁" in text
    assert "\ufeff" not in text
