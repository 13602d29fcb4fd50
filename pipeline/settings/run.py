"""The settings of a run: all sections together."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator, model_validator

from pipeline.settings.api import ApiSettings
from pipeline.settings.file import FileSource
from pipeline.settings.orchestration import (
    AlertsSettings,
    DashboardSettings,
    NotifySettings,
    RunnerSettings,
    ScheduleSettings,
)
from pipeline.settings.section import Section
from pipeline.settings.sources import DemoSource, Source
from pipeline.settings.stages import (
    CleanSettings,
    EncodeSettings,
    EvaluateSettings,
    GateSettings,
    LabelSettings,
    ModelSettings,
    PretrainSettings,
    ReportSettings,
    SplitSettings,
    StoreSettings,
    TokenizerSettings,
    TrainSettings,
    VocabularySettings,
)
from pipeline.settings.tag_sets import check_tags
from pipeline.settings.tracking import TrackingSettings

SECTIONS_WITHOUT_EFFECT_ON_THE_MODEL = (
    *("source", "sources", "store", "report", "gate"),
    *("runner", "schedule", "dashboard", "api", "notify", "alerts", "tracking"),
)


class Settings(Section):
    """All settings of a run; frozen. See :func:`pipeline.settings.load_settings`."""

    source: Source = DemoSource()
    sources: tuple[Source, ...] = ()
    """Several sources with one store, one model and one report, used instead of ``source``. Each is
    a table ``[[sources]]`` in the TOML file, with the keys of ``source``. On the command line,
    ``sources.0.fetch.delay`` is a key of the first source. Empty: only ``source`` is used."""
    store: StoreSettings = StoreSettings()
    label: LabelSettings = LabelSettings()
    clean: CleanSettings = CleanSettings()
    split: SplitSettings = SplitSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    vocabulary: VocabularySettings = VocabularySettings()
    pretrain: PretrainSettings = PretrainSettings()
    encode: EncodeSettings = EncodeSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    report: ReportSettings = ReportSettings()
    gate: GateSettings = GateSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    dashboard: DashboardSettings = DashboardSettings()
    api: ApiSettings = ApiSettings()
    notify: NotifySettings = NotifySettings()
    alerts: AlertsSettings = AlertsSettings()
    tracking: TrackingSettings = TrackingSettings()
    runner: RunnerSettings = RunnerSettings()

    @field_validator("sources")
    @classmethod
    def _names_differ(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        places: dict[str, int] = {}
        for place, source in enumerate(sources):
            names = [source.store_name]
            if isinstance(source, FileSource) and source.test_name:
                names.append(source.test_name)
            for name in names:
                if name in places:
                    raise ValueError(
                        f"{places[name]} and {place} would both be stored as {name!r}: give one of "
                        "them another name"
                    )
                places[name] = place
        return sources

    @property
    def all_sources(self) -> tuple[Source, ...]:
        """The sources of the run, usually one."""
        return self.sources or (self.source,)

    @property
    def store_names(self) -> list[str]:
        """The names of the sources in the store, without the names of test files."""
        return [one.store_name for one in self.all_sources]

    @property
    def source_kinds(self) -> str:
        """The kinds of the sources, for the name of a run."""
        return " and ".join(dict.fromkeys(one.kind for one in self.all_sources))

    @property
    def title(self) -> str:
        """Short description of the sources for the report."""
        if not self.sources:
            return self.source.title
        return ", ".join(one.name or one.title for one in self.sources)

    @model_validator(mode="after")
    def _threshold_fits(self) -> Settings:
        threshold, target = self.train.threshold, self.label.target
        if not isinstance(threshold, str) and target != "binary":
            raise ValueError(
                f"train.threshold = {threshold:g} needs two classes, but label.target is {target}: "
                "set train.threshold to f1, balanced or accurate"
            )
        return self

    @model_validator(mode="after")
    def _tags_exist(self) -> Settings:
        taggers = self.train.members or (self.tokenizer.name,)
        check_tags("tokenizer.keep_tags", self.tokenizer.keep_tags, taggers)
        check_tags("tokenizer.drop_tags", self.tokenizer.drop_tags, taggers)
        return self

    @property
    def recipe(self) -> dict[str, dict[str, Any]]:
        """The settings that determine the model, by section, for the report.

        Contains no secrets, no URLs and no local paths except the name of the pretraining file.
        """
        sections = self.model_dump(mode="json", exclude=set(SECTIONS_WITHOUT_EFFECT_ON_THE_MODEL))
        if path := self.pretrain.unlabeled_path:
            sections["pretrain"]["unlabeled_path"] = path.name
        return sections

    @property
    def of_members(self) -> list[Settings]:
        """Settings of each network of the ensemble; one entry if there is no ensemble.

        Each has its own seed, so that ``train.members`` may name a tagger more than once.
        """
        return [
            self.model_copy(update={
                "tokenizer": self.tokenizer.for_tagger(name),
                "train": self.train.model_copy(
                    update={"members": (), "seed": self.train.seed + number}
                ),
            })
            for number, name in enumerate(self.train.members or (self.tokenizer.name,))
        ]  # fmt: skip
