"""Several sources in one settings file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import JsonSource, Settings, SteamSource, load_settings
from pipeline.settings.load import holds_secret, is_secret
from pipeline.settings.overrides import can_be_allowed

CONFIG = """
[[sources]]
kind = "steam"
name = "PUBG"
targets = ["578080"]

[[sources]]
kind = "json"
url = "https://shop.example.com/api"
fields = { text = "text", rating = "" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


def load(config: Path | None, *overrides: str, **environment: str) -> Settings:
    return load_settings(config=config, environment=environment, overrides=overrides)


def error_of(config: Path | None, *overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(config, *overrides)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_each_is_a_whole_source(config: Path) -> None:
    settings = load(config)
    steam, api = settings.all_sources
    assert isinstance(steam, SteamSource)
    assert isinstance(api, JsonSource)
    assert (steam.store_name, api.store_name) == ("PUBG", "json:https://shop.example.com/api")
    assert settings.source_kinds == "steam and json"
    assert settings.title == "PUBG, https://shop.example.com/api"


def test_one_source_is_what_it_was() -> None:
    settings = load(None, "source.kind=steam", "source.targets=[730]")
    assert settings.all_sources == (settings.source,)
    assert settings.title == settings.source.title


def test_keys_of_a_source_have_its_number(config: Path) -> None:
    settings = load(
        config,
        "sources.0.fetch.delay=3",
        'sources.1.fetch={contact="me@example.com"}',
        REVIEW_SENTIMENT_SOURCES__1__FETCH__DELAY="9",
        REVIEW_SENTIMENT_SOURCES__0__LANGUAGE="all",
    )
    steam, api = settings.all_sources
    assert isinstance(steam, SteamSource)
    assert isinstance(api, JsonSource)
    assert (steam.fetch.delay, steam.language) == (3, "all")
    assert (api.fetch.delay, api.fetch.contact) == (1, "me@example.com")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["source.kind=demo"], "both source and sources are set: write each source as a table"),
        (["sources.2.name=x"], "sources.2.name: write it as sources.NUMBER.key"),
        (["sources.PUBG.name=x"], "there are 2, counted from 0"),
        (["sources.0=x"], "sources.0: write it as sources.NUMBER.key"),
        (["sources.0.langage=all"], "unknown setting sources.0.langage; did you mean sources.0.la"),
        (["sources.1.method=PUT"], "sources.1.method = 'PUT' is invalid"),
        (["sources.0.kind=stem"], "sources.0.kind = 'stem' is invalid: choose one of 'demo'"),
        (["sources.1.name=PUBG"], "sources: 0 and 1 would both be stored as 'PUBG': give one"),
        (["sources.1.fields.label=a", "sources.1.url="], "sources.1.url = '' is invalid"),
    ],
)
def test_invalid_settings_are_named(config: Path, overrides: list[str], message: str) -> None:
    assert message in error_of(config, *overrides)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[[sources]]\nname = 'x'", "sources.0.kind is required: choose one of 'demo', 'zigbang'"),
        ("[[sources]]\nkind = 'html'", "sources.0.url is required for source.kind = html"),
        ("sources = 3", "sources = 3 is invalid"),
        ("sources = ['a']", "sources.0"),
        ("[source]\nkind = 'demo'\n[[sources]]\nkind = 'demo'", "both source and sources are set"),
    ],
)
def test_invalid_tables_are_named(tmp_path: Path, toml: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(toml, encoding="utf-8")
    assert message in error_of(path)


def test_a_number_needs_a_table() -> None:
    assert error_of(None, "sources.0.kind=demo").endswith("the settings have none")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("sources.0.fetch.bearer", True),
        ("sources.12.fetch.headers.X-Key", True),
        ("sources.0.fetch.delay", False),
    ],
)
def test_secrets_are_those_of_one_source(key: str, expected: bool) -> None:
    assert is_secret(key) is expected
    assert holds_secret(key, "x") is expected
    assert not can_be_allowed(key)


@pytest.mark.parametrize("key", ["sources", "sources.0", "sources.0.fetch"])
def test_tables_may_hold_secrets(key: str) -> None:
    text: Any = '{ fetch = { bearer = "hidden" } }'
    assert holds_secret(key, text)
