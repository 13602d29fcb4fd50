"""Several sources in one settings file, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Answer, Command
from tests.flows.own import FEW, SMALL, rated
from tests.pipeline.crawl.endings import answer
from tests.site import Answer as Page
from tests.site import Site, serve

CONFIG = """
[[sources]]
kind = "json"
name = "우리 가게"
url = "{url}/shop"
items = "reviews"
fields = {{ id = "id", text = "text", rating = "" }}
fetch = {{ delay = 0, private_hosts = ["127.0.0.1"], max_tries = 1, bearer = "{{env:SHOP}}" }}

[[sources]]
kind = "file"
name = "설문"
path = "survey.jsonl"
"""
TOKEN = "tok-88-hidden"  # noqa: S105


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve() as served:
        texts = [text for text, _ in rated(FEW)]
        reviews = [{"id": number, "text": text} for number, text in enumerate(texts[:60])]
        served.answers["/shop"] = answer(reviews=reviews)
        lines = [json.dumps({"review": text}) for text in texts[60:90]]
        (tmp_path / "survey.jsonl").write_text("\n".join(lines), encoding="utf-8")
        (tmp_path / "own.toml").write_text(CONFIG.format(url=served.url), encoding="utf-8")
        yield served


def ask(command: Command, *arguments: str) -> Answer:
    small = [part for one in SMALL for part in ("--set", one)]
    return command(*arguments, "--config", "own.toml", *small, SHOP=TOKEN)


@pytest.mark.long(minutes=1)
def test_run_label_predict_and_inspect_see_all_sources(
    command: Command, site: Site, tmp_path: Path
) -> None:
    done = ask(command, "run")
    assert done.status == 0, done.err
    assert "source 우리 가게" in done.err
    page = Path(done.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "By source" in page
    for name in ("우리 가게", "설문"):
        assert f'<th scope="row"><bdi>{name}</bdi></th>' in page
        assert f"{name}: New reviews" in page
    suggested = ask(command, "label", "suggest", "to-label.csv")
    assert suggested.out.startswith("90 of 90 reviews without a label written to")
    again = ask(command, "crawl", "--json")
    assert json.loads(again.out)["details"]["reviews"] == {"known": 90}
    inspected = ask(command, "inspect", "--json")
    assert [one["rows"] for one in json.loads(inspected.out)] == [60, 30]
    shown = ask(command, "inspect").out
    assert shown.startswith(f"우리 가게\n{site.url}/shop: json source")
    assert "\n설문\nsurvey.jsonl: JSON lines" in shown
    assert ask(command, "inspect", "survey.jsonl").out.startswith("survey.jsonl: JSON lines")
    files = [one for one in (tmp_path / "data").rglob("*") if one.is_file()]
    assert not [one for one in files if TOKEN.encode() in one.read_bytes()]
    for said in (done, suggested, again, inspected):
        assert TOKEN not in said.out + said.err


def test_source_that_fails_is_named(command: Command, site: Site) -> None:
    site.answers["/shop"] = Page('{"error": "quotaExceeded"}', 403)
    failed = ask(command, "crawl")
    assert failed.status == 1
    assert failed.error.startswith(f"1 of 2 sources failed, the first 우리 가게: GET {site.url}")
    assert 'status 403 ({"error": "quotaExceeded"})' in failed.error
    assert failed.error.count("\n") == 1
    assert "설문 (30)" in command("purge").error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--set", "source.kind=demo"], "both source and sources are set"),
        (["inspect", "--toml"], "--toml is for one file"),
        (["crawl", "--set", "sources.7.name=x"], "sources.7.name: write it as sources.NUMBER.key"),
    ],
)
def test_wrong_input_is_one_line(
    command: Command, site: Site, arguments: list[str], message: str
) -> None:
    refused = ask(command, *arguments)
    assert refused.status == 2
    assert message in refused.error
    assert refused.error.count("\n") == 1
