"""Where reviews come from: one model for each kind of source."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.settings.section import Section

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^/\s]+(/\S*)?$")]


class FetchSettings(Section):
    """How pages are fetched from a site."""

    user_agent: str = "review-sentiment/0.1"
    """What the crawler calls itself; robots.txt rules are looked up under its first word."""
    contact: str = ""
    """Address where the site's owner can reach you, sent with the user agent."""
    delay: float = Field(1.0, ge=0)
    """Seconds between the beginnings of two requests to a host."""
    connections: int = Field(1, ge=1, le=64)
    """Requests under way at once."""
    connect_timeout: float = Field(10.0, gt=0)
    read_timeout: float = Field(30.0, gt=0)
    """Longest silence of the server."""
    page_timeout: float = Field(120.0, gt=0)
    """Longest time for one try of a page, redirects among it."""
    max_bytes: int = Field(10_000_000, ge=1)
    """Largest body accepted, after decompression."""
    max_tries: int = Field(5, ge=1)
    """How often a page is asked for when the cause of a failure may pass."""
    max_cooldown: float = Field(600.0, gt=0)
    """Longest pause that a server's Retry-After can ask for, in seconds."""
    hosts: tuple[str, ...] = ()
    """Hosts that the crawl may go to beside the one it begins at."""
    private_hosts: tuple[str, ...] = ()
    """Hosts that may have a private, loopback or link-local address."""


class SiteSection(Section):
    """What all kinds of sites share."""

    look_back: int = Field(60, ge=1)
    """Known, unchanged reviews in a row after which a crawl that is not full leaves a list."""
    max_pages: int = Field(10_000, ge=1)
    """Longest list of pages that is followed."""
    max_failed_pages: int = Field(0, ge=0)
    """Pages that may be lost before the crawl counts as failed."""
    fetch: FetchSettings = FetchSettings()


class DemoSource(Section):
    """The bundled site of invented reviews, served on loopback for the time of the crawl."""

    kind: Literal["demo"] = "demo"

    @property
    def title(self) -> str:
        """The source in words."""
        return "the bundled demo site"


class ZigbangFields(Section):
    """Names of the fields in the answers of the apartment API."""

    complex_lists: tuple[str, ...] = ("vrItems", "recommendItems", "items")
    """Lists of a cell's answer that hold complexes."""
    complex_id: str = "areaDanjiId"
    complex_name: str = "areaDanjiName"
    reviews: str = "data"
    """List of a complex's answer that holds reviews."""
    id: str = "id"
    text: str = "desc"
    rating: str = "score"
    date: str = "date"
    author: str = ""
    aspects: dict[str, str] = Field(
        {"traffic": "교통", "around": "주변환경", "care": "단지관리", "resident": "거주환경"}
    )
    """Aspect by the beginning of its fields' names: ``trafficScore``, ``trafficDesc``."""


class ZigbangSource(SiteSection):
    """A JSON API of geohash cells, apartment complexes and their reviews."""

    kind: Literal["zigbang"]
    base_url: str = Field("https://apis.zigbang.com", pattern=r"^https?://[^/\s]+$")
    cells: tuple[Annotated[str, Field(pattern=r"^[0-9b-hjkmnp-z]{1,5}$")], ...] = ()
    """Geohash cells of five characters, or shorter prefixes for all cells within."""
    box: tuple[float, float, float, float] | None = None
    """South, west, north, east in degrees: the cells of a rectangle."""
    cell_path: str = "/v2/aparts/items?domain=zigbang&geohash={cell}"
    reviews_path: str = "/property/apartments/{complex}/reviews/v1"
    fields: ZigbangFields = ZigbangFields()

    @model_validator(mode="after")
    def _has_cells(self) -> ZigbangSource:
        if not self.cells and self.box is None:
            raise ValueError("give source.cells or source.box")
        if "{cell}" not in self.cell_path:
            raise ValueError(f"cell_path {self.cell_path!r} has no {{cell}}")
        if "{complex}" not in self.reviews_path:
            raise ValueError(f"reviews_path {self.reviews_path!r} has no {{complex}}")
        return self

    @field_validator("box")
    @classmethod
    def _is_box(
        cls, box: tuple[float, float, float, float] | None
    ) -> tuple[float, float, float, float] | None:
        if box is not None:
            south, west, north, east = box
            if not (-90 <= south < north <= 90 and -180 <= west < east <= 180):
                raise ValueError("write it as [south, west, north, east] in degrees")
        return box

    @property
    def title(self) -> str:
        """The source in words."""
        where = f"{len(self.cells)} cells" if self.cells else f"the box {self.box}"
        return f"{self.base_url}, {where}"


class JsonFields(Section):
    """Paths of keys below one review (``user.grade``); a number picks from a list."""

    id: str = ""
    """Empty: a review is known by its content."""
    text: str
    rating: str
    date: str = ""
    group: str = ""
    group_name: str = ""
    author: str = ""


class JsonPaging(Section):
    """How the next page of a JSON API is asked for."""

    kind: Literal["page", "offset", "cursor", "next"]
    """``page`` and ``offset`` count; ``cursor`` sends a value back; ``next`` follows an address."""
    parameter: str = ""
    """Of the address, or of the body of a POST, that changes from page to page."""
    first: int = Field(1, ge=0)
    """Number of the first page (``page`` only)."""
    path: str = ""
    """Where an answer holds the cursor or the next address."""

    @model_validator(mode="after")
    def _is_complete(self) -> JsonPaging:
        if self.kind != "next" and not self.parameter:
            raise ValueError(f"kind {self.kind!r} needs a parameter")
        if self.kind in ("cursor", "next") and not self.path:
            raise ValueError(f"kind {self.kind!r} needs a path")
        return self


class JsonSource(SiteSection):
    """Any JSON API that lists reviews."""

    kind: Literal["json"]
    url: HttpUrl
    """The first page."""
    method: Literal["GET", "POST"] = "GET"
    body: str = ""
    """JSON text that a POST sends."""
    items: str = ""
    """Path to the list of reviews; empty when the answer is the list."""
    fields: JsonFields
    paging: JsonPaging | None = None
    """Unset: a single page."""

    @property
    def title(self) -> str:
        """The source in words."""
        return self.url


class HtmlFields(Section):
    """CSS selectors below one review's element; ``selector@attribute`` reads an attribute.

    ``selector@attribute`` with nothing before the ``@`` reads the element's own.
    """

    id: str = ""
    """Empty: a review is known by its content."""
    text: str
    rating: str
    date: str = ""
    group: str = ""
    author: str = ""


class HtmlPaging(Section):
    """How the next page of a list is found; one of the two."""

    link: str = ""
    """CSS selector of the link to it."""
    parameter: str = ""
    """Parameter of the address that counts the pages."""
    first: int = Field(1, ge=0)
    """Number of the first page."""

    @model_validator(mode="after")
    def _is_one(self) -> HtmlPaging:
        if bool(self.link) == bool(self.parameter):
            raise ValueError("give either link or parameter")
        return self


class HtmlSource(SiteSection):
    """Lists of reviews in HTML."""

    kind: Literal["html"]
    url: HttpUrl
    """The first page."""
    item: str
    """CSS selector of the element of one review."""
    fields: HtmlFields
    rating_pattern: str = r"\d+(?:\.\d+)?"
    """Regular expression for the number in the rating; its first group where it has one."""
    rating_factor: float = Field(1.0, gt=0)
    """What that number is multiplied by: 0.05 makes 5 of a star bar that is 100 % wide."""
    paging: HtmlPaging | None = None
    """Unset: a single page."""

    @field_validator("rating_pattern")
    @classmethod
    def _is_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"it is no regular expression: {error}") from error
        return pattern

    @property
    def title(self) -> str:
        """The source in words."""
        return self.url


class FileColumns(Section):
    """Names of a file's columns; only ``text`` and one of ``label`` and ``rating`` must exist."""

    id: str = "id"
    text: str = ""
    """Empty: the first of ``document``, ``text``, ``review`` that exists."""
    label: str = "label"
    rating: str = "rating"
    date: str = "date"
    group: str = "group"


class FileSource(Section):
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


SiteSource = ZigbangSource | JsonSource | HtmlSource

Source = Annotated[
    DemoSource | ZigbangSource | JsonSource | HtmlSource | FileSource,
    Field(discriminator="kind"),
]

SOURCES: dict[str, type[Section]] = {
    "demo": DemoSource,
    "zigbang": ZigbangSource,
    "json": JsonSource,
    "html": HtmlSource,
    "file": FileSource,
}
