"""Settings of sources with known responses: each is converted to settings of a JSON API."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from pipeline.redact import redact
from pipeline.settings.json_api import JsonSource
from pipeline.settings.sites import Address, SiteSection
from pipeline.settings.targets import TARGET, Targets, TargetSection


class PresetSection(TargetSection):
    """Settings that all presets share."""

    @model_validator(mode="after")
    def _has_targets(self) -> PresetSection:
        if not self.has_targets:
            raise ValueError("set source.targets to the ids of the apps")
        return self

    def _as_json(self, **described: Any) -> JsonSource:
        """Settings of a JSON API with the values that these settings share with it."""
        shared = {name: getattr(self, name) for name in SiteSection.model_fields}
        return JsonSource.model_validate(
            {"kind": "json", **shared, "targets": self.targets, **described}
        )


class SteamSource(PresetSection):
    """Reviews of games on Steam, read from the interface that Valve documents; no key is needed.

    The field ``voted_up`` is the label.
    """

    kind: Literal["steam"]
    """Selects this kind of source."""
    targets: Targets
    """App ids of the games, ids with names (``{ "578080" = "PUBG" }``), or the path of a file with
    an id and, optionally, a name in each line."""
    base_url: Address = Field("https://store.steampowered.com", pattern=r"^https?://[^/\s]+$")
    """Scheme and host of the interface."""
    language: str = Field("koreana", pattern="^[a-z]+$")
    """Language of the reviews, by the name that Steam uses (``koreana``, ``english``, ``all``)."""

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        return self.name or f"steam:{urlsplit(redact(self.base_url)).netloc}/{self.language}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return f"Steam ({self.language}): {self.listed}"

    def as_json(self) -> JsonSource:
        """The same source as a JSON API."""
        query = f"json=1&filter=recent&language={self.language}&cursor=*&num_per_page=100"
        return self._as_json(
            url=f"{self.base_url}/appreviews/{TARGET}?{query}",
            name=self.store_name,
            items="reviews",
            total="query_summary.total_reviews",
            fields={
                "id": "recommendationid",
                "text": "review",
                "rating": "",
                "label": "voted_up",
                "date": "timestamp_created",
                "author": "author.steamid",
            },
            paging={"kind": "cursor", "parameter": "cursor", "path": "cursor"},
        )


class AppStoreSource(PresetSection):
    """Reviews of apps in Apple's App Store, from its feed of a country's newest 500 reviews."""

    kind: Literal["appstore"]
    """Selects this kind of source."""
    targets: Targets
    """Ids of the apps (the digits after ``id`` in the app's address), ids with names
    (``{ "362057947" = "카카오톡" }``), or the path of a file with an id and, optionally, a
    name in each line."""
    base_url: Address = Field("https://itunes.apple.com", pattern=r"^https?://[^/\s]+$")
    """Scheme and host of the feed."""
    country: str = Field("kr", pattern="^[a-z]{2}$")
    """Country of the App Store."""
    look_back: int = Field(50, ge=1)
    """Number of consecutive known, unchanged reviews after which an incremental crawl stops
    reading a list."""
    max_pages: int = Field(10, ge=1, le=10)
    """Maximum number of pages to follow in one list; Apple offers ten, with 50 reviews each."""

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        return self.name or f"appstore:{urlsplit(redact(self.base_url)).netloc}/{self.country}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return f"App Store ({self.country}): {self.listed}"

    def as_json(self) -> JsonSource:
        """The same source as a JSON API."""
        path = f"rss/customerreviews/page={{page}}/id={TARGET}/sortby=mostrecent/json"
        return self._as_json(
            url=f"{self.base_url}/{self.country}/{path}",
            name=self.store_name,
            items="feed.entry",
            fields={
                "id": "id.label",
                "text": ("title.label", "content.label"),
                "rating": "im:rating.label",
                "date": "updated.label",
                "author": "author.name.label",
            },
            paging={"kind": "page"},
        )
