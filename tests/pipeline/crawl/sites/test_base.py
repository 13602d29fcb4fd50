import pytest

from pipeline.crawl.sites.base import Request, canonical_url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://A.example:443/a?b=1&a=2#top", "https://a.example/a?a=2&b=1"),
        ("http://a.example", "http://a.example:80/"),
        ("https://a.example/%ea%b0%80", "https://a.example/가"),
        ("https://a.example/?q=%EA%B0%80", "https://a.example/?q=가"),
        ("https://한글.example/", "https://xn--bj0bj06e.example/"),
    ],
)
def test_equivalent_urls_have_the_same_fingerprint(one: str, other: str) -> None:
    assert Request(url=one).fingerprint == Request(url=other).fingerprint


def test_a_deeply_nested_body_has_a_fingerprint() -> None:
    one, other = (Request(url="https://a.example", body="[" * depth) for depth in (99_998, 99_999))
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/?q=%B0%A1", "https://a.example/?q=%B3%AA"),
        ("https://a.example/?q=", "https://a.example/"),
        ("https://a.example:8443/", "https://a.example/"),
        ("http://a.example/", "https://a.example/"),
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example/?a=1&a=2", "https://a.example/?a=1"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
    ],
)
def test_different_urls_have_different_fingerprints(one: str, other: str) -> None:
    assert Request(url=one).fingerprint != Request(url=other).fingerprint


def test_ipv6_host_is_kept() -> None:
    assert canonical_url("http://[::1]:8000/a") == "http://[::1]:8000/a"
