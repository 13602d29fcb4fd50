"""Loading of settings from a TOML file, the environment and the command line.

Precedence, from lowest to highest: default, TOML file, environment variable
(``REVIEW_SENTIMENT_TRAIN__EPOCHS=3``), command line (``--set train.epochs=3``).
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from pipeline.errors import SettingsError
from pipeline.redact import excerpt
from pipeline.settings.overrides import check_allowed
from pipeline.settings.paths import find_path
from pipeline.settings.run import Settings
from pipeline.settings.section import Section
from pipeline.settings.sources import SOURCES, DemoSource

SECRETS_OF_SOURCES = tuple(
    f"source.fetch.{name}" for name in ("headers", "query", "bearer", "basic", "token_command")
)
_OF_SEVERAL = re.compile(r"^sources\.\d+")
ENVIRONMENT_PREFIX = "REVIEW_SENTIMENT_"


def load_settings(
    *,
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    overrides: Iterable[str] = (),
) -> Settings:
    """Load and validate the settings of a run.

    Args:
        config: Path of a TOML file, None for none.
        environment: Environment; variables that start with ``REVIEW_SENTIMENT_`` are read.
        overrides: Assignments ``section.key=value``; lists and tables as in TOML.

    Raises:
        SettingsError: The file cannot be read, a key is unknown or a value is invalid.
    """
    values: dict[str, Any] = _read_toml(config) if config else {}
    for name, value in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX):
            key = name.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
            _put(values, key, value)
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise SettingsError(f"--set {override}: write it as section.key=value")
        _put(values, key.strip(), value.strip())
    if values.get("sources"):
        if "source" in values:
            raise SettingsError(
                "both source and sources are set: write each source as a table [[sources]], "
                "or set source alone"
            )
    elif isinstance(source := values.setdefault("source", {}), dict):
        source.setdefault("kind", "demo")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(error, values)) from error
    check_allowed(settings)
    return settings


def is_secret(key: str) -> bool:
    """Whether ``section.key`` is a secret, such as a password."""
    key = _OF_SEVERAL.sub("source", key)
    if any(key == one or key.startswith(f"{one}.") for one in SECRETS_OF_SOURCES):
        return True
    section, _, name = key.partition(".")
    field = Settings.model_fields.get(section)
    fields = getattr(field.annotation, "model_fields", {}) if field else {}
    return name in fields and fields[name].annotation is SecretStr


def holds_secret(key: str, text: str) -> bool:
    """Whether ``section.key`` is a secret, or a table that may contain one."""
    key = _OF_SEVERAL.sub("source", key)
    is_table = key in ("source", "sources", "source.fetch") and any(
        one.rpartition(".")[2] in text for one in SECRETS_OF_SOURCES
    )
    return is_table or is_secret(key)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(find_path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"cannot read the config {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"the config {path} is not valid TOML: {error}") from error


def _put(values: dict[str, Any], key: str, text: str) -> None:
    """Set a dotted key. Text that starts with ``[`` or ``{`` is parsed as TOML."""
    value: Any = text
    if text[:1] in ("[", "{"):
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise SettingsError(
                f"{key} = {excerpt(text)}: not a valid list or table: {error}"
            ) from error
    *sections, last = key.split(".")
    if sections[:1] == ["sources"]:
        values = _one_source(values, sections.pop(1) if sections[1:] else last, key)
        sections = sections[1:]
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{key}: {section} is a value, not a section")
    values[last] = value


def _one_source(values: dict[str, Any], place: str, key: str) -> dict[str, Any]:
    """The table ``[[sources]]`` at a place."""
    sources = values.get("sources")
    count = len(sources) if isinstance(sources, list) else 0
    is_place = place.isdecimal() and place.isascii() and int(place) < count
    if not isinstance(sources, list) or not is_place or key.count(".") < 2:
        there = f"there are {count}, counted from 0" if count else "the settings have none"
        raise SettingsError(
            f"{key}: write it as sources.NUMBER.key, where NUMBER is the position of a table "
            f"[[sources]]; {there}"
        )
    if not isinstance(sources[int(place)], dict):
        raise SettingsError(f"sources.{place} is a value, not a table [[sources]]")
    found: dict[str, Any] = sources[int(place)]
    return found


def _explain(error: ValidationError, values: dict[str, Any]) -> str:
    """One-line message for the first error; unknown keys take precedence."""
    errors = error.errors()
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    location = [str(part) for part in first["loc"]]
    root, source = _source_at(values, location)
    kind = str(source.get("kind", "")) if isinstance(source, dict) else ""
    if location[: len(root) + 1] == [*root, kind]:
        del location[len(root)]
    key = ".".join(location)
    if first["type"] == "extra_forbidden":
        given = first["input"]
        while isinstance(given, dict) and given:
            name, given = next(iter(given.items()))
            key += f".{name}"
        return _explain_unknown(key, kind, root)
    if first["type"] == "missing":
        return f"{key} is required for source.kind = {kind}: set it with --set {key}=..."
    of_kind = f"{'.'.join(root)}.kind"
    if first["type"] == "union_tag_not_found":
        return f"{of_kind} is required: choose one of {', '.join(map(repr, SOURCES))}"
    if first["type"] == "union_tag_invalid":
        expected = first["ctx"]["expected_tags"]
        return f"{of_kind} = {kind!r} is invalid: choose one of {expected}"
    message = first["msg"].removeprefix("Value error, ")
    if is_secret(key):
        return f"{key} is invalid: {message[:1].lower()}{message[1:]}"
    if first["type"] == "value_error":
        return f"{key}: {message}" if key else message
    return f"{key} = {first['input']!r} is invalid: {message[:1].lower()}{message[1:]}"


def _explain_unknown(key: str, kind: str, root: list[str]) -> str:
    """Which kind of source has this setting; if none has, the setting with the nearest name."""
    known = {one: _known(one, root) for one in SOURCES}
    of = f"{'.'.join(root)}.kind"
    if kinds := [one for one, names in known.items() if _is_known(key, names)]:
        return f"{key} is not a setting of {of}={kind}: set {of} to {' or '.join(kinds)}"
    kind_of = {name: one for one, names in known.items() for name in names}
    (close,) = difflib.get_close_matches(key, kind_of, n=1, cutoff=0)
    other = "" if close in _known(kind, root) else f" of {of}={kind_of[close]}"
    return f"unknown setting {key}; did you mean {close}{other}?"


def _known(kind: str, root: list[str]) -> list[str]:
    """The settings of a run whose source has this kind and this key."""
    return [
        name.replace("source", ".".join(root), 1) if name.startswith("source.") else name
        for name in _keys(Settings, kind)
        if not name.startswith("sources")
    ]


def _is_known(key: str, known: list[str]) -> bool:
    """Whether a key is one of the settings, or within one that is a table."""
    return any(key == one or key.startswith(f"{one}.") for one in known)


def _source_at(values: dict[str, Any], location: list[str]) -> tuple[list[str], Any]:
    """The key of the source that an error is in, and its values."""
    sources = values.get("sources")
    if location[:1] == ["sources"] and isinstance(sources, list) and location[1:]:
        return location[:2], sources[int(location[1])]
    return ["source"], values.get("source")


def _keys(model: type[Section], source_kind: str, prefix: str = "") -> Iterator[str]:
    """The dotted names of all settings, with those of the given kind of source."""
    for name, field in model.model_fields.items():
        candidates = [field.annotation, *get_args(field.annotation)]  # "HtmlPaging | None" too
        if prefix + name == "source":
            candidates = [SOURCES.get(source_kind, DemoSource)]
        sections = [one for one in candidates if isinstance(one, type) and issubclass(one, Section)]
        if sections:
            yield from _keys(sections[0], source_kind, f"{prefix}{name}.")
        else:
            yield prefix + name
