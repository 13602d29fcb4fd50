"""Secrets of a source's address, and control characters of its answers, reach nobody."""

import contextlib
import json
import logging
import re
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.log_records import PrintableRecord
from flows.serve import deployments
from pipeline.crawl.run import crawl
from pipeline.crawl.source_names import hide_secrets
from pipeline.errors import SettingsError, SourceError
from pipeline.reviews.store import Store
from pipeline.settings import FetchSettings, JsonSource, ScheduleSettings
from pipeline.storage.database import Database
from pipeline.storage.workspace import Workspace
from tests.commands import Command
from tests.flows.own import FEW, SMALL, changes, rated
from tests.flows.test_purge import contents, python
from tests.pipeline.crawl.stores import publish_steam, steam_path
from tests.site import Answer, Site, redirect, serve

PASSWORD, KEY, NEXT = "pw-93-hidden", "key-71-hidden", "tok-55-hidden"
TOKEN, LITERAL = "env-91-hidden", "lit-38-hidden"
SECRETS = (PASSWORD, KEY, TOKEN, LITERAL)


def publish(site: Site, pages: int) -> None:
    """Pages of 30 reviews, each with a link to the next that repeats the key.

    They are asked for with the query of the settings, which the links do not have.
    """
    rows = rated(FEW)
    for number in range(pages):
        items = [
            {"id": f"{number}-{place}", "text": text, "rating": rating}
            for place, (text, rating) in enumerate(rows[30 * number : 30 * (number + 1)])
        ]
        following = f"{site.url}{path(number + 1)}" if number + 1 < pages else None
        body = json.dumps({"reviews": items, "next": following})
        site.answers[asked(number)] = Answer(body, headers={"ETag": f'"{number}"'})


def path(number: int) -> str:
    return f"/list?api_key={KEY}&page={number}"


def asked(number: int) -> str:
    return f"{path(number)}&token={LITERAL}&k={TOKEN}"


def settings_of(site: Site) -> str:
    """A config of the site, with secrets in its address, headers and query."""
    url = site.url.replace("//", f"//me:{PASSWORD}@") + path(0)
    return f"""
[source]
kind = "json"
url = "{url}"
items = "reviews"
fields = {{ id = "id", text = "text", rating = "rating" }}
paging = {{ kind = "next", path = "next" }}

[source.fetch]
private_hosts = ["127.0.0.1"]
delay = 0
max_tries = 1
headers = {{ X-Shop = "Key {{env:SHOP_TOKEN}}" }}
query = {{ token = "{LITERAL}", k = "{{env:SHOP_TOKEN}}" }}
"""


def leaks(folder: Path) -> set[str]:
    """Files that hold a secret."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder))
        for path in files
        for content in contents(path)
        if any(secret.encode() in content for secret in SECRETS)
    }


def assert_no_leaks(root: Path, factory: pytest.TempPathFactory) -> None:
    """Neither in a workspace nor in the folder of the Prefect server that all tests share."""
    (server,) = factory.getbasetemp().glob("prefect0")
    assert leaks(root) | leaks(server) == set()


def said_by(command: Command, *arguments: str | Path, status: int = 0) -> str:
    """What a command prints on stdout and stderr."""
    answer = command(*arguments)
    assert answer.status == status, answer.err
    return answer.out + answer.err


@pytest.mark.long(minutes=1)
def test_no_byte_of_a_secret_is_written_or_shown(
    command: Command,
    prefect_server: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    config, root = tmp_path / "site.toml", tmp_path / "data"
    with serve() as site:
        publish(site, 6)
        config.write_text(settings_of(site), encoding="utf-8")
        said = said_by(command, "run", "--config", config, *changes(*SMALL))
        assert "report.html" in said
        assert site.asked[1].headers["Authorization"].startswith("Basic ")
        assert site.asked[1].headers["X-Shop"] == f"Key {TOKEN}"
        site.answers[asked(3)] = Answer("{\x1b[2J \x9b}", 503)
        again = ("-m", "flows", "crawl", "--full", "--config", config, "--debug")
        said += python(tmp_path, *again, status=1, api=prefect_server)
        assert "api_key=***" in said
        site.answers[asked(0)] = Answer(json.dumps({"\x1b[31m": 1}))
        said += said_by(command, "crawl", "--full", "--json", "--config", config, status=2)
    assert not [secret for secret in SECRETS if secret in said]
    assert "\x1b" not in said
    assert_no_leaks(root, tmp_path_factory)
    with contextlib.closing(sqlite3.connect(root / "workspace" / "reviews.db")) as database:
        ((found,),) = database.execute("SELECT DISTINCT source FROM reviews")
    shown = f"json:{site.url.replace('//', '//***@')}/list?api_key=***&page=0"
    assert re.fullmatch(re.escape(shown) + " [0-9a-f]{8}", found)  # the hash of the query
    report = next(root.rglob("report.html")).read_text(encoding="utf-8")
    assert "api_key=***" in report


STEAM = f"""
[source]
kind = "steam"
base_url = "{{url}}"
targets = {{ "578080" = "PUBG", "730" = "", "99" = "없는 게임" }}
max_failed_pages = 1

[source.fetch]
private_hosts = ["127.0.0.1"]
delay = 0
max_tries = 1
headers = {{ X-Shop = "Key {{env:SHOP_TOKEN}}" }}
query = {{ api_key = "{LITERAL}", k = "{{env:SHOP_TOKEN}}" }}
bearer = "{{env:SHOP_TOKEN}}"
"""


@pytest.mark.long(minutes=1)
def test_no_byte_of_a_secret_of_targets_and_redirects_is_written_or_shown(
    command: Command,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    config = tmp_path / "steam.toml"
    with serve() as site:
        publish_steam(site, "578080", 310)
        publish_steam(site, "730", 310)
        suffix = f"&api_key={LITERAL}&k={TOKEN}"
        site.answers = {path + suffix: answer for path, answer in site.answers.items()}
        lost = steam_path("99", "*") + suffix
        site.answers[lost] = Answer(f"<html>{lost} {TOKEN}</html>")
        config.write_text(STEAM.replace("{url}", site.url), encoding="utf-8")
        said = said_by(command, "crawl", "--config", config)
        assert site.asked[1].headers["Authorization"] == f"Bearer {TOKEN}"
        site.answers[lost] = redirect(f"{site.url}/login?again={TOKEN}&api_key={LITERAL}")
        strict = ("--set", "source.max_failed_pages=0", "--debug")
        said += said_by(command, "crawl", "--full", "--config", config, *strict, status=1)
        monkeypatch.delenv("SHOP_TOKEN")
        said += said_by(command, "crawl", "--config", config, status=2)
    assert "없는 게임" in said
    assert "SHOP_TOKEN is not set" in said
    assert not [secret for secret in SECRETS if secret in said]
    assert_no_leaks(tmp_path / "data", tmp_path_factory)


def source_of(site: Site, secret: str) -> JsonSource:
    url = site.url.replace("//", f"//me:{secret}@") + f"/list?token={secret}"
    return JsonSource(
        kind="json",
        url=url,
        items="reviews",
        fields={"id": "id", "text": "text", "rating": "rating"},
        fetch=FetchSettings(private_hosts=("127.0.0.1",), delay=0),
    )


def test_a_store_with_secrets_in_names_is_renamed_once(
    workspace: Workspace, database: Database
) -> None:
    store = Store(database)
    body = json.dumps({"reviews": [{"id": 1, "text": "좋아요", "rating": 5}]})
    with serve() as site:
        site.answers |= {f"/list?token={one}": Answer(body) for one in ("old-hidden", "new-hidden")}
        crawl(source_of(site, "old-hidden"), store)
        (name,) = store.sources()
        raw = name.replace("***", "old-hidden").replace("//", "//me:")
        with database.transaction() as connection:
            for table in ("reviews", "crawls"):
                statement = f"UPDATE {table} SET source = :raw"  # noqa: S608
                connection.execute(sa.text(statement), {"raw": raw})
        assert crawl(source_of(site, "new-hidden"), store).reviews == {"known": 1}
    assert store.sources() == {name: 1}
    assert [review.text for batch in store.read(name) for review in batch] == ["좋아요"]
    if database.is_sqlite:
        hide_secrets(store)
        files = Path(database.name).parent.glob("reviews.db*")
        assert not [path for path in files if b"hidden" in path.read_bytes()]


def test_an_override_with_a_secret_is_not_shown_in_the_dashboard(workspace: Workspace) -> None:
    for override, variable in (
        ("source.url=https://h/?key=abc", "SOURCE__URL"),
        ("source.fetch.bearer=abc", "SOURCE__FETCH__BEARER"),
        ("source.fetch={headers = {X-Key = 'abc'}}", "SOURCE__FETCH"),
    ):
        with pytest.raises(SettingsError, match=f"REVIEW_SENTIMENT_{variable} ") as error:
            deployments(workspace, ScheduleSettings(), overrides=[override])
        assert "abc" not in str(error.value)
    deployments(workspace, ScheduleSettings(), overrides=["source.fetch.bearer={env:SHOP_TOKEN}"])


def test_a_log_record_is_one_printable_line() -> None:
    record = PrintableRecord(
        "pipeline", logging.INFO, "here.py", 1, "got %s", ("\x1b[2J\nhttps://h?key=abc",), None
    )
    assert record.getMessage() == "got \\u001b[2J https://h?key=***"


def test_a_traceback_in_the_log_is_printable() -> None:
    try:
        raise ValueError("\x1b[2J\n12:00:00 model 9 is the champion\nhttps://h?key=abc")
    except ValueError as error:
        found = type(error), error, error.__traceback__
    record = PrintableRecord("pipeline", logging.ERROR, "here.py", 1, "failed", (), found)
    lines = logging.Formatter("%(message)s").format(record).splitlines()
    assert lines[0] == "failed"
    assert all(line.startswith("  ") for line in lines[1:])
    assert not {"\x1b", "abc"} & set("\n".join(lines))


def test_the_answer_of_a_site_cannot_write_to_the_terminal() -> None:
    message = str(SourceError("https://h: expected JSON, got \x1b]0;title\x07"))
    assert message == "https://h: expected JSON, got \\u001b]0;title\\u0007"
