"""Connections to public and private addresses."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from pipeline.crawl.http.ssrf_guard import GuardedAdapter, connect, is_public, normal_host, resolve
from pipeline.crawl.sites.base import Request
from pipeline.errors import FetchError, SettingsError, SourceError
from tests.pipeline.crawl.quick import BRIEF, fetcher
from tests.site import Answer, Drip, Site, serve


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:21f::1", "64:ff9b::5db8:d822"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254",
        "172.16.0.1", "192.168.1.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::",
        "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
        "2001:db8::1", "2001:0:a00:1::1",
    ],
)  # fmt: skip
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", "localhost.", "[::1]",
     "::ffff:127.0.0.1", "0"],
)  # fmt: skip
def test_unusual_spellings_do_not_bypass_the_check(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises((SourceError, socket.gaierror), match=r"not public|not known"):
            connect(host, port, 1.0, may_be_private=False).close()
        server.settimeout(0.01)
        with pytest.raises(TimeoutError):
            server.accept()


def test_invalid_host_name_is_an_error(site: Site) -> None:
    with pytest.raises(SourceError, match="is not a valid host name"):
        resolve("a" * 70 + ".example", 80, may_be_private=False)
    with (
        pytest.raises(SettingsError, match="is not a valid host name"),
        fetcher(site, hosts=["a b"]),
    ):
        pass


def test_host_names_are_normalized() -> None:
    names = ["EXAMPLE.com", "한국.kr", "[::1]", "::1", "example.com."]
    assert [normal_host(name) for name in names] == [
        "example.com", "xn--3e0b707e.kr", "::1", "::1", "example.com.",
    ]  # fmt: skip


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as served:
        served.answers["/"] = Answer("here")
        yield served


def test_private_host_must_be_allowed_by_name(site: Site) -> None:
    with fetcher(site, private_hosts=[]) as careful, pytest.raises(SourceError, match="private"):
        careful.fetch(Request(url=f"{site.url}/"))
    by_name = site.url.replace("127.0.0.1", "localhost")
    with fetcher(site, hosts=["localhost"]) as careful:
        assert careful.fetch(Request(url=f"{site.url}/")).text == "here"
        with pytest.raises(SourceError, match=r"localhost has the address (127\.0\.0\.1|::1)"):
            careful.fetch(Request(url=f"{by_name}/"))
    assert site.requests == ["/robots.txt", "/"]
    with fetcher(site, hosts=["localhost"], private_hosts=["LOCALHOST"]) as careful:
        assert careful.fetch(Request(url=f"{by_name}/")).text == "here"
    assert site.asked[-1].headers["Host"] == f"localhost:{site.port}"


def test_next_address_is_tried_if_one_does_not_accept() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with connect("localhost", port, 1.0, may_be_private=True) as connected:
            assert connected.getpeername()[:2] == ("127.0.0.1", port)


def test_proxy_is_used_except_for_private_hosts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        proxy.answers["http://reviews.example/"] = Answer("through the proxy")
        with fetcher(site, hosts=["reviews.example"]) as crawler:
            assert crawler.fetch(Request(url="http://reviews.example/")).text == "through the proxy"
            assert crawler.fetch(Request(url=f"{site.url}/")).text == "here"
        assert proxy.requests == ["http://reviews.example/robots.txt", "http://reviews.example/"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Self-signed certificate and key for localhost."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", path, "-out", path.with_suffix(".crt")],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl makes no certificate here")
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


def test_tls_sends_the_host_name_and_invalid_certificates_are_not_retried(
    certificate: Path,
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    named: list[str | None] = []
    context.sni_callback = lambda _, name, __: named.append(name)
    with serve(context) as site:
        by_name = site.url.replace("127.0.0.1", "localhost")
        with (
            fetcher(site, hosts=["localhost"], private_hosts=["localhost"]) as crawler,
            pytest.raises(FetchError, match=r"invalid TLS certificate.*self-signed"),
        ):
            crawler.fetch(Request(url=f"{by_name}/"))
        assert named == ["localhost"]
        assert crawler.outcomes == {"robots.txt": 1}
        trusting = GuardedAdapter({"localhost"}, lambda connection: None)
        request = requests.Request("GET", f"{by_name}/").prepare()
        with trusting.send(request, verify=str(certificate)) as answer:
            assert answer.status_code == 404
        trusting.close()


def test_slow_response_over_tls_is_aborted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as site:
        by_name = site.url.replace("127.0.0.1", "localhost")
        site.answers["/page"] = (Drip(0.02), Drip(0.02, "head"), Answer("ok"))
        names = ["localhost"]
        with fetcher(site, hosts=names, private_hosts=names, page_timeout=BRIEF) as crawler:
            assert crawler.fetch(Request(url=f"{by_name}/page")).text == "ok"
            assert crawler.outcomes == {"robots.txt": 1, "timeout": 2, "200": 1}
