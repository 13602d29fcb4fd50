"""Settings: one frozen, validated model per section of the configuration."""

from pipeline.settings.api import ApiSettings
from pipeline.settings.file import FileColumns, FileSource
from pipeline.settings.html import HtmlFields, HtmlPaging, HtmlSource
from pipeline.settings.json_api import JsonFields, JsonPaging, JsonSource
from pipeline.settings.load import load_settings
from pipeline.settings.orchestration import (
    AlertsSettings,
    DashboardSettings,
    NotifySettings,
    RunnerSettings,
    ScheduleSettings,
)
from pipeline.settings.presets import AppStoreSource, SteamSource
from pipeline.settings.run import Settings
from pipeline.settings.sites import FetchSettings
from pipeline.settings.sources import DemoSource, SiteSource, Source
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
from pipeline.settings.tracking import TrackingSettings
from pipeline.settings.values import Values
from pipeline.settings.zigbang import ZigbangFields, ZigbangSource

__all__ = [
    "AlertsSettings",
    "ApiSettings",
    "AppStoreSource",
    "CleanSettings",
    "DashboardSettings",
    "DemoSource",
    "EncodeSettings",
    "EvaluateSettings",
    "FetchSettings",
    "FileColumns",
    "FileSource",
    "GateSettings",
    "HtmlFields",
    "HtmlPaging",
    "HtmlSource",
    "JsonFields",
    "JsonPaging",
    "JsonSource",
    "LabelSettings",
    "ModelSettings",
    "NotifySettings",
    "PretrainSettings",
    "ReportSettings",
    "RunnerSettings",
    "ScheduleSettings",
    "Settings",
    "SiteSource",
    "Source",
    "SplitSettings",
    "SteamSource",
    "StoreSettings",
    "TokenizerSettings",
    "TrackingSettings",
    "TrainSettings",
    "Values",
    "VocabularySettings",
    "ZigbangFields",
    "ZigbangSource",
    "load_settings",
]
