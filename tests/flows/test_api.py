"""Predictions over HTTP, by a real server process: what the API answers."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.commands import Command
from tests.docs import Page
from tests.flows.api import TOKEN, VARIABLE, Api
from tests.pipeline.small_model import BAD, GOOD
from tests.processes import ROOT

PAGE = Page(ROOT / "docs" / "api.md")
CURL = [line for block in PAGE.blocks_in("sh") for line in block.splitlines()]
"""The commands of the page."""


def test_one_text_and_several(api: Api, api_home: Path, shell: Command) -> None:
    told = [
        json.loads(shell(api_home, "predict", "--json", "--text", text).out)
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


def test_explanations_are_those_of_the_command(api: Api, api_home: Path, shell: Command) -> None:
    told = shell(api_home, "predict", "--json", "--explain", "--text", BAD[1])
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
