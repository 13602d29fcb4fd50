"""Predictions over HTTP: other models, signals, what the server loads."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.model.registry import Registry
from tests.flows.api import Api, is_up, serve_api, workspace_of
from tests.pipeline.small_model import BAD, GOOD
from tests.processes import run_code, wait_until

CLIENTS = 8


class Load:
    """Clients that ask one text after the other, each on a connection that it keeps.

    Args:
        api: The server.
        texts: What each client asks, again and again.
        pause: Seconds between two requests of a client.
    """

    def __init__(self, api: Api, texts: list[str], pause: float = 0) -> None:
        self.answers: list[dict[str, Any]] = []
        self.refused: list[requests.ConnectionError] = []
        self.ends = threading.Event()
        self._api, self._texts, self._pause = api, texts, pause
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
                    self.ends.wait(self._pause)


def test_the_champion_is_loaded_again_without_a_lost_request(
    api_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(api_home / "data", tmp_path / "data")
    workspace = workspace_of(tmp_path)
    registered = workspace.root / "models.json"
    registered.rename(tmp_path / "models.json")  # nothing is trained yet
    with serve_api(tmp_path) as served:
        assert served.get("/health").json()["model"] == "starter"
        assert served.get("/model").json()["made"] == ""
        with Load(served, GOOD + BAD, pause=0.05) as load:
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
            load.until(
                lambda _: (
                    b"version 2 stays in use, the champion of the workspace cannot be loaded: "
                    in served.log.read_bytes()
                )
            )
            load.until(lambda one: one["model"] == "2")
            workspace.root.rename(tmp_path / "moved")
            load.until(lambda _: b"models.json is missing; put it back" in served.log.read_bytes())
            load.until(lambda one: one["model"] == "2")
            assert served.get("/health").json()["model"] == "2"
            (tmp_path / "moved").rename(workspace.root)
            registered.write_text("[]", encoding="utf-8")
            load.until(lambda one: one["model"] == "starter")
        assert not load.refused
        assert served.log.read_text(encoding="utf-8").count("is missing") == 1
    models = [one["model"] for one in load.answers]
    assert set(models) == {"starter", "1", "2"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_under_load_loses_no_accepted_request(api_home: Path, number: int) -> None:
    with serve_api(api_home, stop=number) as served, Load(served, GOOD + BAD) as load:
        load.until(lambda one: one["model"] == "1")
        served.process.send_signal(number)
        assert served.process.wait(timeout=120) == 0
        load.wait()
    assert len(load.refused) == CLIENTS
    for error in load.refused:  # no answer is missing: all connections were closed after one
        assert "Connection refused" in str(error)
    assert served.log.read_text(encoding="utf-8").splitlines()[-1].endswith("stopped")


def test_a_request_that_has_begun_is_answered_after_the_signal(api_home: Path) -> None:
    body = json.dumps({"text": BAD[0]}).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    begun = f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:5]
    with serve_api(api_home) as served, contextlib.ExitStack() as stack:
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
        assert served.process.wait(timeout=120) == 0  # a second signal would kill it as it ends


def test_the_server_loads_neither_prefect_nor_tensorflow(api_home: Path) -> None:
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
    assert run_code(code, api_home).stdout == "set()\n"
