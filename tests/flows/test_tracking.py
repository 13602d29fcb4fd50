"""Runs that are logged to MLflow: a real server, and what happens without one."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.errors import SettingsError
from pipeline.model.registry import Version
from pipeline.settings import load_settings
from pipeline.stages.track import NAME, flat, track
from tests.commands import Command
from tests.flows.own import FEW, options, rated, write_own
from tests.processes import free_port, running, wait_until

HAS_CLIENT = importlib.util.find_spec("mlflow") is not None
SERVER = ("-m", "uv", "tool", "run", "--from", "mlflow>=3.10,<4", "mlflow")
"""The server runs in an environment of its own: its pins are others."""
QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
HIDDEN = "pw-48-hidden"


def warnings_of(uri: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What tracking warns about; it touches nothing else before it has reached the server."""
    settings = load_settings(environment={"REVIEW_SENTIMENT_TRACKING__MLFLOW_URI": uri})
    nothing: Any = None
    with caplog.at_level(logging.WARNING, "pipeline.tracking"):
        track(nothing, nothing, Version(number=1, model="m", made=""), settings)
    return [one.message for one in caplog.records if one.name == "pipeline.tracking"]


def test_nothing_is_tracked_by_default(caplog: pytest.LogCaptureFixture) -> None:
    assert warnings_of("", caplog) == []


def test_without_the_client_there_is_one_warning(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    (warning,) = warnings_of(f"http://me:{HIDDEN}@127.0.0.1:1", caplog)
    assert "pip install 'review-sentiment[mlflow]'" in warning
    assert "MLFLOW_TRACKING_PASSWORD" not in os.environ


@pytest.mark.skipif(not HAS_CLIENT, reason="needs the extra mlflow")
@pytest.mark.filterwarnings("ignore")
def test_a_server_that_does_not_answer_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    (warning,) = warnings_of(f"http://me:{HIDDEN}@127.0.0.1:{free_port()}", caplog)
    assert warning.startswith("could not log the run to MLflow: ")
    assert HIDDEN not in warning


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db", "mlflow.example.com", "http://", "ftp://a"])
def test_wrong_addresses_are_refused_without_showing_them(uri: str) -> None:
    with pytest.raises(SettingsError, match=r"tracking\.mlflow_uri.*write it as http") as raised:
        load_settings(environment={"REVIEW_SENTIMENT_TRACKING__MLFLOW_URI": uri})
    assert uri not in str(raised.value) or uri == "http://"


def test_settings_become_flat_parameters() -> None:
    assert flat({"a": {"b": 1, "c": {"d": [2]}}, "e": None}) == {
        "a.b": "1", "a.c.d": "[2]", "e": "None",
    }  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An MLflow server with SQLite that keeps the artefacts too."""
    home = tmp_path_factory.mktemp("mlflow")
    asked = subprocess.run([sys.executable, *SERVER, "--version"], capture_output=True, check=False)
    if asked.returncode:
        pytest.skip("no package index answers")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running(
        *(sys.executable, *SERVER, "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}", "--workers", "1"),
        *("--artifacts-destination", str(home / "artifacts")),
        env=os.environ | QUIET,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: _answers(url), process)
        yield url


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=5).ok
    except requests.RequestException:
        return False


@pytest.mark.long(minutes=3)
@pytest.mark.skipif(not HAS_CLIENT, reason="needs the extra mlflow")
def test_a_run_is_logged_once_with_its_champion(
    server: str, command: Command, tmp_path: Path
) -> None:
    write_own(tmp_path, rated(FEW))
    for _ in range(2):
        answer = command("run", *options(), REVIEW_SENTIMENT_TRACKING__MLFLOW_URI=server)
        assert answer.status == 0, answer.err
        assert "could not log" not in answer.err

    def ask(path: str, **body: Any) -> Any:
        url = f"{server}/api/2.0/mlflow/{path}"
        answer = (
            requests.post(url, json=body, timeout=30) if body else requests.get(url, timeout=30)
        )
        assert answer.ok, answer.text
        return answer.json()

    experiment = ask(f"experiments/get-by-name?experiment_name={NAME}")["experiment"]
    (run,) = ask("runs/search", experiment_ids=[experiment["experiment_id"]])["runs"]
    assert run["info"]["status"] == "FINISHED"
    parameters = {one["key"]: one["value"] for one in run["data"]["params"]}
    assert parameters["label.target"] == "binary"
    metrics = {one["key"]: one["value"] for one in run["data"]["metrics"]}
    assert 0 < metrics["macro_f1"] <= 1
    assert "baseline_macro_f1" in metrics
    listed = ask(f"artifacts/list?run_id={run['info']['run_id']}")["files"]
    assert {one["path"] for one in listed} == {
        *("report.html", "report.xlsx", "metrics.json", "MODEL_CARD.md", "model"),
    }
    champion = ask(f"registered-models/alias?name={NAME}&alias=champion")["model_version"]
    assert (champion["version"], champion["run_id"]) == ("1", run["info"]["run_id"])
