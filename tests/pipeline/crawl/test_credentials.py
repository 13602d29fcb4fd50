"""Headers, parameters and secrets of a source's requests."""

from __future__ import annotations

import base64
import json
import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from pipeline.crawl.run import check_source, crawl
from pipeline.errors import FetchError, SettingsError
from pipeline.redact import printable
from pipeline.reviews.store import Store
from pipeline.settings import JsonSource, load_settings
from pipeline.storage.database import Database
from tests.site import Answer, Site, redirect, serve

TOKEN = "tok/93+hidden=="  # noqa: S105
FETCH = {"delay": 0, "private_hosts": ["127.0.0.1"], "max_tries": 1}


def source(site: Site, path: str = "/reviews", **changes: Any) -> JsonSource:
    fetch = FETCH | changes.pop("fetch", {})
    described: dict[str, Any] = {
        "kind": "json",
        "url": f"{site.url}{path}",
        "items": "reviews",
        "fields": {"id": "id", "text": "text", "rating": ""},
        "paging": {"kind": "next", "path": "next"},
        "fetch": fetch,
    }
    return JsonSource.model_validate(described | changes)


def publish(site: Site, path: str, first: int = 1, following: str | None = None) -> None:
    items = [{"id": n, "text": f"{n}번째 후기"} for n in range(first, first + 5)]
    site.answers[path] = Answer(json.dumps({"reviews": items, "next": following}))


def sent(site: Site) -> list[dict[str, str]]:
    return [one.headers for one in site.asked if not one.path.startswith("/robots.txt")]


def test_headers_and_parameters_are_sent(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", TOKEN)
    encoded = "tok%2F93%2Bhidden%3D%3D"
    publish(site, f"/reviews?lang=ko&k={encoded}")
    headers = {"X-Shop": "{env:SHOP_KEY}", "X-Product": "p-{target}", "accept": "application/json"}
    query = {"lang": "ko", "k": "{env:SHOP_KEY}"}
    crawl(source(site, targets=["7"], fetch={"headers": headers, "query": query}), store)
    (found,) = sent(site)
    assert (found["X-Shop"], found["X-Product"], found["accept"]) == (
        TOKEN, "p-7", "application/json",
    )  # fmt: skip
    assert found["User-Agent"].startswith("review-sentiment/")
    robots = next(one for one in site.asked if one.path == "/robots.txt")
    assert "X-Shop" not in robots.headers


def test_bearer_and_basic(site: Site, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", TOKEN)
    publish(site, "/reviews")
    crawl(source(site, fetch={"bearer": "{env:SHOP_KEY}"}), store)
    crawl(source(site, fetch={"basic": "me:{env:SHOP_KEY}"}), store, full=True)
    first, second = (headers["Authorization"] for headers in sent(site))
    assert first == f"Bearer {TOKEN}"
    assert base64.b64decode(second.removeprefix("Basic ")).decode() == f"me:{TOKEN}"


PROGRAM = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
count = 1 + int(file.read_text() if file.exists() else 0)
file.write_text(str(count))
print(f"token-{count}-hidden")
"""


class Guarded(Answer):
    """Wants a token that is not among the expired ones."""

    def send(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        if handler.headers["Authorization"] == "Bearer token-1-hidden":
            Answer(status=401).send(handler, closing)
        else:
            super().send(handler, closing)


def test_a_token_of_a_command_is_renewed(site: Site, store: Store, tmp_path: Path) -> None:
    publish(site, "/reviews", 1, "/reviews?2")
    publish(site, "/reviews?2", 6)
    second = site.answers["/reviews?2"]
    assert isinstance(second, Answer)
    site.answers["/reviews?2"] = Guarded(second.body)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "count")]
    assert crawl(source(site, fetch={"token_command": command}), store).reviews == {"new": 10}
    tokens = [headers["Authorization"] for headers in sent(site)]
    assert tokens == [f"Bearer token-{number}-hidden" for number in (1, 1, 2)]
    assert printable("token-2-hidden") == "***"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('hidden'); exit(3)", "returned no token: exit status 3"),
        ("", "returned no token: no output"),
        ("print('hidden-1\\nhidden-2')", "more than one line"),
    ],
)
def test_a_command_without_a_token_is_an_error(
    code: str, message: str, site: Site, store: Store
) -> None:
    publish(site, "/reviews")
    with pytest.raises(FetchError, match=rf"source\.fetch\.token_command: .*{message}") as error:
        crawl(source(site, fetch={"token_command": [sys.executable, "-c", code]}), store)
    assert "hidden" not in str(error.value)
    with pytest.raises(FetchError, match="no-such-program cannot be run: No such file"):
        crawl(source(site, fetch={"token_command": ["no-such-program"]}), store)


def test_targets_may_stand_in_headers_alone(site: Site, store: Store) -> None:
    publish(site, "/reviews")
    settings = source(site, targets=["1", "2"], fetch={"headers": {"X-Product": "{target}"}})
    assert crawl(settings, store).reviews == {"new": 10}
    assert sorted(headers["X-Product"] for headers in sent(site)) == ["1", "2"]


def test_headers_go_to_the_own_host_only(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", TOKEN)
    with serve() as other:
        publish(other, "/moved", following=f"{other.url}/{{env:SHOP_KEY}}")
        site.answers["/reviews"] = redirect(f"{other.url}/moved")
        settings = source(site, fetch={"bearer": "{env:SHOP_KEY}"})
        crawl(settings, store)
        assert not [one for one in other.asked if "Authorization" in one.headers]
        assert not [one for one in other.asked if TOKEN in one.path]


def test_a_page_cannot_ask_for_a_variable(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNRELATED_SECRET", "unrelated-hidden")
    publish(site, "/reviews", following="/next?a={env:UNRELATED_SECRET}")
    publish(site, "/next?a=%7Benv:UNRELATED_SECRET%7D", 6)
    assert crawl(source(site), store).reviews == {"new": 10}
    assert not [path for path in site.requests if "unrelated-hidden" in path]


@pytest.mark.parametrize("key", ["{env:SHOP_KEY}", "literal-hidden-1"])
def test_a_secret_that_a_page_repeats_is_neither_stored_nor_said(
    key: str, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setenv("SHOP_KEY", "env-hidden-one")
    caplog.set_level(logging.INFO)
    value = "env-hidden-one" if key.startswith("{") else key
    name = "k" if key.startswith("{") else "api_key"
    paths = [f"/reviews?page={number}&{name}={value}" for number in (1, 2, 3)]
    publish(site, f"/reviews?{name}={value}", 1, f"{site.url}{paths[1]}")
    publish(site, paths[1], 6, f"{site.url}{paths[2]}")
    site.answers[paths[2]] = Answer(f"<html>{value}</html>")
    settings = source(site, fetch={"query": {name: key}, "max_tries": 2})
    with Database(tmp_path / "reviews.db") as database:
        with pytest.raises(FetchError) as error:
            crawl(settings, Store(database))
        told = [str(error.value), *(printable(one.getMessage()) for one in caplog.records)]
        for path in tmp_path.glob("reviews.db*"):
            assert value.encode() not in path.read_bytes()
    assert not [line for line in told if value in line]
    assert site.requests.count(paths[1]) == 1


def test_a_new_key_is_the_same_source(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = source(site, "/reviews?k={env:SHOP_KEY}")
    names = set()
    for key in ("first-hidden", "second-hidden"):
        monkeypatch.setenv("SHOP_KEY", key)
        check_source(settings)
        names.add(settings.store_name)
    assert names == {f"json:{site.url}/reviews?k={{env:SHOP_KEY}}"}
    with_key = [source(site, fetch={"query": {"api_key": key}}).store_name for key in "ab"]
    assert with_key == [f"json:{site.url}/reviews"] * 2
    products = {source(site, fetch={"query": {"product": one}}).store_name for one in "ab"}
    assert len(products) == 2


def test_a_variable_that_is_not_set_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_KEY", raising=False)
    with pytest.raises(SettingsError, match=r"variable SHOP_KEY is not set.*\{env:SHOP_KEY\}"):
        check_source(source(site, fetch={"bearer": "{env:SHOP_KEY}"}))
    monkeypatch.setenv("SHOP_KEY", "two\nlines-hidden")
    with pytest.raises(SettingsError, match="header Authorization has a line break") as error:
        check_source(source(site, fetch={"bearer": "{env:SHOP_KEY}"}))
    assert "hidden" not in str(error.value)


def test_settings_as_json_hold_no_secret(site: Site) -> None:
    fetch = {
        "headers": {"X-Key": "abc-hidden", "X-Other": "Bearer {env:SHOP_KEY}"},
        "query": {"key": "abc-hidden"},
        "basic": "me:abc-hidden",
    }
    written = source(site, fetch=fetch).model_dump_json()
    assert "hidden" not in written
    assert "Bearer {env:SHOP_KEY}" in written


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("source.fetch.headers.Host=x", "the header Host is set by the crawler"),
        ("source.fetch.headers.User-Agent=x", "the header User-Agent is set by the crawler"),
        ("source.fetch.headers=abc-hidden", "source.fetch.headers is invalid: "),
    ],
)
def test_headers_are_checked(override: str, message: str) -> None:
    given = ("kind=json", "url=http://h/", "fields.text=t", "fields.rating=r")
    with pytest.raises(SettingsError, match=message) as error:
        load_settings(environment={}, overrides=[*(f"source.{one}" for one in given), override])
    assert "hidden" not in str(error.value)


def test_one_way_of_authorization() -> None:
    fetch = ('source.fetch.bearer="a"', "source.fetch.headers={authorization='b'}")
    given = ("kind=json", "url=http://h/", "fields.text=t", "fields.rating=r")
    with pytest.raises(SettingsError, match="set only one of bearer, basic, token_command and the"):
        load_settings(environment={}, overrides=[*(f"source.{one}" for one in given), *fetch])
