"""Every setting, one frozen model for each stage, with its default and its bounds.

A value comes from, the later the stronger: the default here, a TOML file, the environment
(``REVIEW_SENTIMENT_TRAIN__EPOCHS=3``), the command line (``--set train.epochs=3``).
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipeline.errors import SettingsError

ENVIRONMENT_PREFIX = "REVIEW_SENTIMENT_"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class FetchSettings(_Section):
    """How pages are fetched from a site."""

    user_agent: str = "review-sentiment/0.1"
    """What the crawler calls itself; add an address where you can be reached."""
    delay: float = Field(1.0, ge=0)
    """Seconds between two requests."""
    connect_timeout: float = Field(10.0, gt=0)
    read_timeout: float = Field(30.0, gt=0)
    max_bytes: int = Field(10_000_000, ge=1)
    """Largest body accepted, after decompression."""


class DemoSource(_Section):
    """The bundled site of invented reviews, served on loopback for the time of the crawl."""

    kind: Literal["demo"] = "demo"

    @property
    def title(self) -> str:
        """The source in words."""
        return "the bundled demo site"


class ZigbangSource(_Section):
    """A JSON API of geohash cells, apartment complexes and their reviews."""

    kind: Literal["zigbang"]
    base_url: str = Field("https://apis.zigbang.com", pattern=r"^https?://[^/]+$")
    cells: tuple[Annotated[str, Field(pattern=r"^[0-9b-hjkmnp-z]{5}$")], ...] = Field(min_length=1)
    """Geohash cells of five characters."""
    fetch: FetchSettings = FetchSettings()

    @property
    def title(self) -> str:
        """The source in words."""
        return f"{self.base_url}, {len(self.cells)} cells"


class HtmlFields(_Section):
    """CSS selectors below one review's element; ``selector@attribute`` reads an attribute."""

    id: str
    text: str
    rating: str
    date: str = ""
    group: str = ""


class HtmlSource(_Section):
    """Lists of reviews in HTML."""

    kind: Literal["html"]
    url: str = Field(pattern=r"^https?://[^/]+")
    """The first page."""
    item: str
    """CSS selector of the element of one review."""
    fields: HtmlFields
    next: str = ""
    """CSS selector of the link to the next page; empty for a single page."""
    max_pages: int = Field(10_000, ge=1)
    fetch: FetchSettings = FetchSettings()

    @property
    def title(self) -> str:
        """The source in words."""
        return self.url


class FileColumns(_Section):
    """Names of a file's columns; only ``text`` and one of ``label`` and ``rating`` must exist."""

    id: str = "id"
    text: str = ""
    """Empty: the first of ``document``, ``text``, ``review`` that exists."""
    label: str = "label"
    rating: str = "rating"
    date: str = "date"
    group: str = "group"


class FileSource(_Section):
    """A file of reviews: TSV, CSV, JSONL or Parquet, the first three also with ``.gz``."""

    kind: Literal["file"]
    path: Path
    test_path: Path | None = None
    """Labelled reviews that training and every choice keep away from."""
    columns: FileColumns = FileColumns()

    @property
    def title(self) -> str:
        """The source in words."""
        return " and ".join(path.name for path in (self.path, self.test_path) if path)


Source = Annotated[
    DemoSource | ZigbangSource | HtmlSource | FileSource, Field(discriminator="kind")
]


SOURCES: dict[str, type[BaseModel]] = {
    "demo": DemoSource,
    "zigbang": ZigbangSource,
    "html": HtmlSource,
    "file": FileSource,
}


class LabelSettings(_Section):
    """Which ratings count as negative and positive; those between are left out."""

    scale: Literal[5, 10] | None = None
    """The highest rating of the source; found from the ratings when it is not set."""
    negative_max: float | None = None
    """Highest negative rating: 2 on a scale to 5, 4 on a scale to 10."""
    positive_min: float | None = None
    """Lowest positive rating: 4 on a scale to 5, 9 on a scale to 10."""

    @model_validator(mode="after")
    def _ordered(self) -> LabelSettings:
        if (
            self.negative_max is not None
            and self.positive_min is not None
            and self.negative_max >= self.positive_min
        ):
            raise ValueError(
                f"negative_max {self.negative_max:g} is not below "
                f"positive_min {self.positive_min:g}"
            )
        return self


class CleanSettings(_Section):
    """How text is normalised before tokenization."""

    max_repeat: int = Field(2, ge=1)
    """Longest run of one letter, mark or emoji that is kept (ㅋㅋㅋㅋ -> ㅋㅋ)."""


class SplitSettings(_Section):
    """How labelled reviews are divided; a whole group goes to one split."""

    test_share: float = Field(0.2, gt=0, lt=1)
    """Share of all examples; unused when the source brings its own test file."""
    validation_share: float = Field(0.1, gt=0, lt=1)
    """Share of the examples that are not test."""
    seed: int = 1

    @model_validator(mode="after")
    def _leaves_training(self) -> SplitSettings:
        if self.test_share + self.validation_share >= 1:
            raise ValueError(
                f"test_share {self.test_share:g} and validation_share "
                f"{self.validation_share:g} leave nothing to train on"
            )
        return self


class TokenizerSettings(_Section):
    """How text is cut into tokens."""

    name: Literal["okt"] = "okt"
    stem: bool = False
    """Reduce verbs and adjectives to their dictionary form."""
    norm: bool = False
    """Normalise colloquial spellings (사랑햌ㅋㅋ -> 사랑해ㅋㅋ)."""
    jvm_heap_mb: int = Field(1024, ge=256)


class VocabularySettings(_Section):
    """Which tokens get a number of their own."""

    size: int = Field(40_000, ge=3)
    """Number of entries, ``<pad>`` and ``<unk>`` among them."""
    min_count: int = Field(2, ge=1)
    """Least frequency in the training split."""


class EncodeSettings(_Section):
    """How tokens become sequences of integers."""

    max_length: int = Field(80, ge=1)
    """Longest sequence; what goes beyond is cut off at the end."""


class ModelSettings(_Section):
    """The network."""

    kind: Literal["functional", "sequential"] = "functional"
    """``functional``: bidirectional LSTM pooled over time, joined with character n-grams;
    ``sequential``: the plain stack."""
    embedding_size: int = Field(128, ge=1)
    lstm_units: int = Field(128, ge=1)
    dropout: float = Field(0.5, ge=0, lt=1)
    """Share of embedding channels and of pooled features that training switches off."""
    word_dropout: float = Field(0.3, ge=0, lt=1)
    """Share of tokens that training reads as ``<unk>`` (functional only)."""


class TrainSettings(_Section):
    """How the network is trained."""

    epochs: int | None = Field(None, ge=1)
    """Unset: enough for about 2,000 batches, between 4 and 12."""
    batch_size: int | None = Field(None, ge=1)
    """Unset: enough for 100 batches an epoch, between 16 and 256."""
    learning_rate: float = Field(0.003, gt=0)
    """At the start; it falls to 0 along a cosine."""
    patience: int = Field(2, ge=1)
    """Epochs without a better validation loss after which training stops."""
    seed: int = 1


class EvaluateSettings(_Section):
    """How figures are computed."""

    bootstrap_samples: int = Field(1000, ge=10)
    seed: int = 1


class Settings(_Section):
    """All settings of a run."""

    source: Source = DemoSource()
    label: LabelSettings = LabelSettings()
    clean: CleanSettings = CleanSettings()
    split: SplitSettings = SplitSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    vocabulary: VocabularySettings = VocabularySettings()
    encode: EncodeSettings = EncodeSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()


def load_settings(
    *,
    config: Path | None = None,
    environment: Mapping[str, str] = os.environ,
    overrides: Iterable[str] = (),
) -> Settings:
    """Read the settings of a run.

    Args:
        config: A TOML file.
        environment: Where variables that begin with ``REVIEW_SENTIMENT_`` are read.
        overrides: ``section.key=value`` from the command line.

    Raises:
        SettingsError: A key is unknown or a value impossible.
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
    if isinstance(source := values.setdefault("source", {}), dict):
        source.setdefault("kind", "demo")
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_explain(error, values)) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the config {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the config {path} is not valid TOML: {error}") from error


def _put(values: dict[str, Any], key: str, text: str) -> None:
    """Set a dotted key; a text that reads as a TOML list or table becomes one."""
    value: Any = text
    if text[:1] in ("[", "{"):
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{key} = {text}: not a valid list or table: {error}") from error
    *sections, last = key.split(".")
    for section in sections:
        values = values.setdefault(section, {})
        if not isinstance(values, dict):
            raise SettingsError(f"{key}: {section} is a value, not a section")
    values[last] = value


def _explain(error: ValidationError, values: dict[str, Any]) -> str:
    """One line for the first thing that is wrong with the settings, unknown keys before all."""
    errors = error.errors()
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    source = values["source"]
    kind = source["kind"] if isinstance(source, dict) else ""
    location = [str(part) for part in first["loc"]]
    if location[:2] == ["source", kind]:
        del location[1]
    key = ".".join(location)
    if first["type"] == "extra_forbidden":
        given = first["input"]
        while isinstance(given, dict) and given:
            name, given = next(iter(given.items()))
            key += f".{name}"
        close = difflib.get_close_matches(key, list(_keys(Settings, kind)), n=1, cutoff=0)
        return f"unknown setting {key}; did you mean {close[0]}?"
    if first["type"] == "missing":
        return f"{key} is not set, and source.kind = {kind} needs it; give it with --set {key}=..."
    if first["type"] == "union_tag_invalid":
        expected = first["ctx"]["expected_tags"]
        return f"source.kind = {kind!r} is not possible: choose one of {expected}"
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error":
        return f"{key}: {message}"
    return f"{key} = {first['input']!r} is not possible: {message[:1].lower()}{message[1:]}"


def _keys(model: type[BaseModel], source_kind: str, prefix: str = "") -> Iterator[str]:
    """The dotted names of all settings; of the sources, only those of the kind in use."""
    for name, field in model.model_fields.items():
        nested: Any = field.annotation
        if prefix + name == "source":
            nested = SOURCES.get(source_kind, DemoSource)
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            yield from _keys(nested, source_kind, f"{prefix}{name}.")
        else:
            yield prefix + name
