"""Predictions over HTTP, by a real server process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.model.registry import Registry
from pipeline.predict.transfer import export_model, import_model
from pipeline.storage.workspace import Workspace
from pipeline.target.binary import BINARY
from tests.commands import Command
from tests.docs import Page
from tests.flows.api import Api, is_up, serve_api
from tests.pipeline.small_model import BAD, GOOD, train_small
from tests.processes import ROOT, wait_until

TOKEN = "a-token-of-32-characters-or-more"  # noqa: S105
VARIABLE = "REVIEW_SENTIMENT_API__TOKEN"
CLIENTS = 8
PAGE = Page(ROOT / "docs" / "api.md")
CURL = [line for block in PAGE.blocks_in("sh") for line in block.splitlines()]
"""The commands of the page."""


def workspace_of(home: Path) -> Workspace:
    return Workspace(home / "data" / "workspace")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace with two versions of a small model; the first is the champion."""
    folder = tmp_path_factory.mktemp("home")
    workspace = workspace_of(folder)
    train_small(workspace.root, BINARY, high=1)
    manifest = workspace.finished("model", "small")
    assert manifest is not None
    rule, source = "positive from 0.5", "a table"
    Registry(workspace).add(manifest, rule=rule, source=source, metric="macro_f1", network=0.9)
    export_model(1, folder / "small.zip", workspace)
    import_model(folder / "small.zip", workspace)
    return folder


@pytest.fixture(scope="module")
def api(home: Path) -> Iterator[Api]:
    limits = ("api.max_body_bytes=4096", "api.max_texts=20", "api.max_characters=100")
    with serve_api(home, *limits) as served:
        yield served


def test_one_text_and_several(api: Api, home: Path, shell: Command) -> None:
    told = [
        json.loads(shell(home, "predict", "--json", "--text", text).out)
        for text in (GOOD[0], BAD[0])
    ]
    assert told[0]["label"] == "positive"
    one = api.predict(text=GOOD[0])
    assert (one.status_code, one.headers["content-type"]) == (200, "application/json")
    assert one.json() == {"model": "1", "answers": told[:1]}
    assert api.predict(texts=[GOOD[0], BAD[0]]).json() == {"model": "1", "answers": told}


def test_blank_texts_have_null_answers(api: Api) -> None:
    blank = {"label": None, "probability": None}
    for text in ("", "  ", "https://example.com", "\u200b"):
        assert api.predict(text=text).json()["answers"] == [blank]
        assert api.predict(text=text, explain=True).json()["answers"] == [
            {**blank, "explanation": []}
        ]
    answers = api.predict(texts=["", BAD[0]]).json()["answers"]
    assert [one["label"] for one in answers] == [None, "negative"]


def test_explanations_are_those_of_the_command(api: Api, home: Path, shell: Command) -> None:
    told = shell(home, "predict", "--json", "--explain", "--text", BAD[1])
    (answer,) = api.predict(text=BAD[1], explain=True).json()["answers"]
    assert answer == json.loads(told.out)
    assert "".join(one["text"] for one in answer["explanation"]) == BAD[1]


def test_the_model_is_described(api: Api) -> None:
    assert api.get("/health").json() == {"status": "ok", "model": "1", "trained": True}
    card = api.get("/model").json()
    assert card.pop("made")
    assert card == {
        "model": "1",
        "target": "binary",
        "labels": ["negative", "positive"],
        "rule": "positive from 0.5",
        "source": "a table",
        "metric": "macro_f1",
        "network": 0.9,
        "baseline": None,
        "passed": None,
    }


def test_metrics_count(api: Api) -> None:
    def value(name: str) -> float:
        (found,) = re.findall(rf"^{re.escape(name)} (\S+)$", api.get("/metrics").text, re.M)
        return float(found)

    api.predict(text=GOOD[0])
    requests_name = 'review_sentiment_requests_total{path="/predict",status="200"}'
    asked, texts = value(requests_name), value("review_sentiment_texts_total")
    api.predict(texts=GOOD)
    api.get("/no/such/path")
    assert value(requests_name) == asked + 1
    assert value("review_sentiment_texts_total") == texts + len(GOOD)
    assert value('review_sentiment_model_info{version="1"}') == 1
    assert value('review_sentiment_request_seconds_count{path="other"}') >= 1
    assert "/no/such/path" not in api.get("/metrics").text
    assert api.get("/metrics").headers["content-type"].startswith("text/plain")


def test_the_contract_has_descriptions_and_examples(api: Api) -> None:
    contract = api.get("/openapi.json").json()
    assert set(contract["paths"]) == {"/predict", "/health", "/model", "/metrics"}
    (operation,) = contract["paths"]["/predict"].values()
    body = operation["requestBody"]["content"]["application/json"]
    assert body["schema"]["properties"]["texts"]["maxItems"] == 20
    assert set(operation["responses"]) >= {"200", "413", "422", "503"}
    for example in body["examples"].values():
        assert api.predict(**example["value"]).status_code == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("line", CURL)
def test_the_commands_of_the_page(api: Api, line: str) -> None:
    asked = line.replace("http://127.0.0.1:4202", api.url)
    program, *words = shlex.split(asked.replace(f"${VARIABLE}", TOKEN))
    answer = subprocess.run(
        [program, "--silent", "--fail", *words], capture_output=True, check=True
    )
    assert json.loads(answer.stdout)["model"] == "1"


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
        (b'{"text": "a", "txt": "a"}', 422, "unknown field txt; known are text, texts, explain"),
        (b'{"text": "a", "explain": 1}', 422, "explain: input should be a valid boolean"),
        (json.dumps({"text": "a" * 101}).encode(), 422, "text: string should have at most 100"),
        (json.dumps({"texts": ["a"] * 21}).encode(), 422, "texts: list should have at most 20"),
        (json.dumps({"texts": ["a"] * 17, "explain": True}).encode(), 422, "of at most 16 texts"),
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


def test_a_token(home: Path) -> None:
    host = "api.host=0.0.0.0"
    with serve_api(home, host, REVIEW_SENTIMENT_API__TOKEN=TOKEN) as served:
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


class Load:
    """Clients that ask one text after the other, each on a connection that it keeps."""

    def __init__(self, api: Api, texts: list[str]) -> None:
        self.answers: list[dict[str, Any]] = []
        self.refused: list[requests.ConnectionError] = []
        self.ends = threading.Event()
        self._api, self._texts = api, texts
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]

    def __enter__(self) -> Load:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ends.set()
        self.wait()

    def wait(self) -> None:
        """Until each client was refused, or the block has ended."""
        for one in self._threads:
            one.join()

    def until(self, what: Callable[[dict[str, Any]], bool], seconds: float = 120) -> None:
        """Wait for an answer that comes after this call."""
        seen, waited = len(self.answers), threading.Event()
        for _ in range(int(seconds / 0.05)):
            if any(map(what, self.answers[seen:])):
                return
            waited.wait(0.05)
        raise AssertionError(f"no such answer within {seconds} s")

    def _ask(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self.ends.is_set():
                for text in self._texts:
                    try:
                        answer = session.post(
                            f"{self._api.url}/predict", json={"text": text}, timeout=120
                        )
                    except requests.ConnectionError as error:
                        self.refused.append(error)
                        return
                    assert answer.status_code == 200, answer.text
                    self.answers.append(answer.json())


def test_the_champion_is_loaded_again_without_a_lost_request(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "data", tmp_path / "data")
    workspace = workspace_of(tmp_path)
    registered = workspace.root / "models.json"
    registered.rename(tmp_path / "models.json")  # nothing is trained yet
    with serve_api(tmp_path) as served:
        assert served.get("/health").json()["model"] == "starter"
        assert served.get("/model").json()["made"] == ""
        with Load(served, GOOD + BAD) as load:
            load.until(lambda one: one["model"] == "starter")
            (tmp_path / "models.json").rename(registered)
            load.until(lambda one: one["model"] == "1")
            Registry(workspace).promote(2, "by hand")
            load.until(lambda one: one["model"] == "2")
            path = workspace.root / Registry(workspace).find(1).model / "vocabulary.json"
            path.write_text("{}", encoding="utf-8")
            damaged = json.loads(registered.read_bytes())
            for one, status in zip(damaged, ("champion", "former"), strict=True):
                one["status"] = status
            (tmp_path / "damaged.json").write_text(json.dumps(damaged), encoding="utf-8")
            (tmp_path / "damaged.json").replace(registered)
            load.until(lambda _: b"version 2 goes on answering" in served.log.read_bytes())
            load.until(lambda one: one["model"] == "2")
            registered.unlink()  # as by `purge --models`
            load.until(lambda one: one["model"] == "starter")
        assert not load.refused
    models = [one["model"] for one in load.answers]
    assert set(models) == {"starter", "1", "2"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_under_load_loses_no_accepted_request(home: Path, number: int) -> None:
    with serve_api(home, stop=number) as served, Load(served, GOOD + BAD) as load:
        load.until(lambda one: one["model"] == "1")
        served.process.send_signal(number)
        assert served.process.wait(timeout=120) == 0
        load.wait()
    assert len(load.refused) == CLIENTS
    for error in load.refused:  # no answer is missing: all connections were closed after one
        assert "Connection refused" in str(error)
    assert served.log.read_text(encoding="utf-8").splitlines()[-1].endswith("stopped")


def test_a_request_that_has_begun_is_answered_after_the_signal(home: Path) -> None:
    body = json.dumps({"text": BAD[0]}).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    begun = f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:5]
    with serve_api(home) as served, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", int(served.url.rpartition(":")[2]))
        ends, stalls = (
            stack.enter_context(socket.create_connection(address, timeout=120)) for _ in range(2)
        )
        for client in (ends, stalls):
            client.sendall(begun)
        assert served.get("/health").ok  # so both requests have been read
        served.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not is_up(served), served.process)
        ends.sendall(body[5:])
        for client, status, text in ((ends, 200, '"negative"'), (stalls, 408, "did not arrive")):
            answer = client.makefile(encoding="utf-8").read()  # until the server closes it
            assert answer.startswith(f"HTTP/1.1 {status} ")
            assert text in answer


def test_the_server_loads_neither_prefect_nor_tensorflow(home: Path) -> None:
    code = """
import sys
from pathlib import Path
from flows.api.app import make_app
from flows.api.champion import Champion
from flows.api.server import serve_api
from flows.cli import main
from pipeline import Workspace
from pipeline.settings import ApiSettings
champion = Champion(Workspace(Path("data/workspace")))
assert champion.served.name == "1"
make_app(champion, ApiSettings())
print({"tensorflow", "keras", "prefect", "onnx", "pandas"} & set(sys.modules))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "set()\n"


@pytest.mark.long(minutes=1)
def test_no_generated_request_breaks_the_contract(home: Path, tmp_path: Path) -> None:
    statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]
    config = tmp_path / "schemathesis.toml"
    config.write_text(f"[checks.negative_data_rejection]\nexpected-statuses = {statuses}\n")
    with serve_api(home, REVIEW_SENTIMENT_API__TOKEN=TOKEN) as served:
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
