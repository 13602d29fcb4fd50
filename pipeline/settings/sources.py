"""Settings of the source of reviews: one model per ``source.kind``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pipeline.settings.file import FileSource
from pipeline.settings.html import HtmlSource
from pipeline.settings.json_api import JsonSource
from pipeline.settings.presets import AppStoreSource, SteamSource
from pipeline.settings.section import Section
from pipeline.settings.zigbang import ZigbangSource


class DemoSource(Section):
    """The bundled demo site of invented reviews, served on loopback during the crawl."""

    kind: Literal["demo"] = "demo"
    """Selects this kind of source."""

    @property
    def name(self) -> str:
        """Empty: the site has no name of its own."""
        return ""

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        return "demo"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return "the bundled demo site"


SiteSource = ZigbangSource | JsonSource | HtmlSource | SteamSource | AppStoreSource

Source = Annotated[
    DemoSource
    | ZigbangSource
    | JsonSource
    | HtmlSource
    | SteamSource
    | AppStoreSource
    | FileSource,
    Field(discriminator="kind"),
]

SOURCES: dict[str, type[Section]] = {
    "demo": DemoSource,
    "zigbang": ZigbangSource,
    "json": JsonSource,
    "html": HtmlSource,
    "steam": SteamSource,
    "appstore": AppStoreSource,
    "file": FileSource,
}
