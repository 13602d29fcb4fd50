"""Predictions over HTTP: requests, clients and settings that are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.commands import Command
from tests.flows.api import TOKEN, Api, serve_api
from tests.pipeline.small_model import GOOD


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"{", 422, "invalid JSON: EOF while parsing an object at line 1 column 1"),
        (b"\xff", 422, "invalid JSON: expected value at line 1 column 1"),
        (b'{"text": "\\ud800"}', 422, "invalid JSON: "),
        (b"[" * 4000, 422, "invalid JSON: recursion limit exceeded"),
        (b"", 422, "invalid JSON: "),
        (b"[]", 422, "input should be an object"),
        (b"{}", 422, 'give either "text" or "texts"'),
        (b'{"text": "a", "texts": ["a"]}', 422, 'give either "text" or "texts"'),
        (b'{"text": null}', 422, "text: input should be a valid string"),
        (b'{"texts": []}', 422, "texts: list should have at least 1 item"),
        (b'{"texts": ["a", 1]}', 422, "texts.1: input should be a valid string"),
        (
            b'{"text": "a", "txt": "a"}',
            422,
            "unknown field txt; known fields: text, texts, explain",
        ),
        (b'{"text": "a", "explain": 1}', 422, "explain: input should be a valid boolean"),
        (json.dumps({"text": "a" * 101}).encode(), 422, "text: string should have at most 100"),
        (json.dumps({"texts": ["a"] * 21}).encode(), 422, "texts: list should have at most 20"),
        (
            json.dumps({"texts": ["a"] * 17, "explain": True}).encode(),
            422,
            "explain accepts at most 16 texts",
        ),
        (b'{"text": "' + b"a" * 4096 + b'"}', 413, "the body is larger than 4,096 bytes"),
    ],
)
def test_wrong_bodies(api: Api, body: bytes, status: int, detail: str) -> None:
    for data in (body, iter([body[:5], body[5:]])):  # with a length, and in chunks
        if data == b"":
            continue
        answer = requests.post(
            f"{api.url}/predict",
            data=data,
            headers={"Content-Type": "application/json"},
            timeout=120,
        )
        assert answer.status_code == status, answer.text
        assert list(answer.json()) == ["detail"]
        assert answer.json()["detail"].startswith(detail)
        assert len(answer.json()["detail"].splitlines()) == 1


def test_another_content_type(api: Api) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = requests.post(
            f"{api.url}/predict", b'{"text": "a"}', headers={"Content-Type": kind}, timeout=120
        )
        assert (answer.status_code, list(answer.json())) == (415, ["detail"])


def test_nothing_else_is_served(api: Api) -> None:
    for path in ("/", "/docs", "/redoc", "/predict/", "/docs/oauth2-redirect"):
        assert api.get(path).status_code == 404, path
    for method, path in (("GET", "/predict"), ("PUT", "/predict"), ("POST", "/model")):
        assert requests.request(method, api.url + path, timeout=120).status_code == 405


def test_foreign_hosts_and_pages_are_refused(api: Api) -> None:
    body = {"text": GOOD[0]}
    for headers, status in (
        ({"Host": "evil.example"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ):
        for path in ("/health", "/model", "/openapi.json"):
            assert api.get(path, headers=headers).status_code == status
        answer = requests.post(f"{api.url}/predict", json=body, headers=headers, timeout=120)
        assert answer.status_code == status
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    assert requests.options(f"{api.url}/predict", headers=asked, timeout=120).status_code == 403


def test_a_token(api_home: Path) -> None:
    host = "api.host=0.0.0.0"
    with serve_api(api_home, host, REVIEW_SENTIMENT_API__TOKEN=TOKEN) as served:
        assert served.get("/health").ok
        for path in ("/model", "/metrics", "/openapi.json", "/no/such/path"):
            for given in (None, "", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer é"):
                headers = {} if given is None else {"Authorization": given.encode()}
                answer = served.get(path, headers=headers)
                assert answer.status_code == 401, given
                assert answer.headers["www-authenticate"] == "Bearer"
        assert served.predict(text=GOOD[0]).status_code == 401
        right = {"Authorization": f"bearer {TOKEN}"}
        assert served.get("/model", headers=right).ok
        contract = served.get("/openapi.json", headers=right).json()
        assert "HTTPBearer" in contract["components"]["securitySchemes"]
        assert TOKEN not in json.dumps(contract)
        assert TOKEN not in served.get("/metrics", headers=right).text
    assert TOKEN not in served.log.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("api.host=0.0.0.0", "api: host 0.0.0.0 exposes the server to the network: set api.token"),
        ("api.token=short", "api.token is invalid: write at least 16 ASCII characters"),
        ("api.host=192.0.2.1", "api: host 192.0.2.1 exposes"),
    ],
)
def test_wrong_settings(command: Command, setting: str, why: str) -> None:
    answer = command("api", "--set", setting)
    assert answer.status == 2
    assert answer.error.startswith(why), answer.err
    assert "short" not in answer.error


def test_an_address_that_cannot_be_served(api: Api, command: Command) -> None:
    port = api.url.rpartition(":")[2]
    answer = command("api", "--set", f"api.port={port}")
    assert answer.status == 1
    assert answer.error.startswith(f"cannot serve the API at 127.0.0.1:{port}: Address already in")
    assert answer.error.count("\n") == 1


@pytest.mark.long(minutes=1)
def test_no_generated_request_breaks_the_contract(api_home: Path, tmp_path: Path) -> None:
    statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]
    config = tmp_path / "schemathesis.toml"
    config.write_text(f"[checks.negative_data_rejection]\nexpected-statuses = {statuses}\n")
    with serve_api(api_home, REVIEW_SENTIMENT_API__TOKEN=TOKEN) as served:
        tested = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", config),
                *(
                    "run",
                    f"{served.url}/openapi.json",
                    "--header",
                    f"Authorization: Bearer {TOKEN}",
                ),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert tested.returncode == 0, tested.stdout[:10_000] + tested.stderr
        assert "Operations:       4 selected / 4 total" in tested.stdout
    assert "failed" not in served.log.read_text(encoding="utf-8")
