"""Hosts and origins that the workspace's servers answer."""

from __future__ import annotations

import socket

import pytest

from flows.request_guard import RequestGuard

HOST = ("Host", "127.0.0.1:4200")
OWN = RequestGuard("127.0.0.1", frozenset({"reviews.example"}))
PUBLIC = RequestGuard("0.0.0.0")  # noqa: S104
LINK = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))


def status(guard: RequestGuard, *headers: tuple[str, str], method: str = "GET") -> int:
    """Status of the refusal, 0 for none."""
    refused = guard.refusal(method, headers)
    return refused[0] if refused else 0


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:4200", "localhost:80", "LOCALHOST", "[::1]:4200", "reviews.example"],
)
def test_own_hosts(host: str) -> None:
    assert status(OWN, ("host", host)) == 0


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4200",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil@127.0.0.1",
        "127.0.0.1@evil.example",
        "127.0.0.1:4200/",
        "192.168.0.7",
        "",
        "[::1",
        "localhost:4200:1",
    ],
)
def test_foreign_hosts(host: str) -> None:
    assert status(OWN, ("Host", host)) == 400


def test_one_host_it_must_be() -> None:
    assert status(OWN) == status(OWN, HOST, ("host", "evil.example")) == 400


def test_a_public_server_answers_to_addresses_and_its_name() -> None:
    for host in ("192.168.0.7:4200", "[2001:db8::1]", socket.gethostname(), "localhost"):
        assert status(PUBLIC, ("Host", host)) == 0
    assert status(PUBLIC, ("Host", "evil.example")) == 400


@pytest.mark.parametrize("origin", ["http://127.0.0.1:4200", "https://reviews.example"])
def test_own_origins(origin: str) -> None:
    assert status(OWN, HOST, ("Origin", origin), method="POST") == 0


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "",
        "http://127.0.0.1:4201",
        "http://127.0.0.1",
        "http://localhost:4200",
        "file://127.0.0.1:4200",
        "http://127.0.0.1:4200.evil.example",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_foreign_origins(origin: str, method: str) -> None:
    assert status(OWN, HOST, ("Origin", origin), method=method) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_may_link_and_nothing_else(site: str) -> None:
    fetch = ("Sec-Fetch-Site", site)
    assert status(OWN, HOST, fetch, *LINK) == 0
    assert status(OWN, HOST, fetch, *LINK, method="POST") == 403
    assert status(OWN, HOST, fetch) == 403
    assert status(OWN, HOST, fetch, LINK[0], ("Sec-Fetch-Dest", "iframe")) == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_own_pages_and_typed_addresses(site: str) -> None:
    assert status(OWN, HOST, ("Sec-Fetch-Site", site), method="DELETE") == 0
