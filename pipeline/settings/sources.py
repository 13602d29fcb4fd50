"""Settings of the source of reviews: one model per ``source.kind``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pipeline.redact import redact
from pipeline.settings.reading import ReadingSection
from pipeline.settings.section import Section
from pipeline.settings.sites import Address, HttpUrl, SiteSection
from pipeline.settings.values import Values


class DemoSource(Section):
    """The bundled demo site of invented reviews, served on loopback during the crawl."""

    kind: Literal["demo"] = "demo"
    """Selects this kind of source."""

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return "the bundled demo site"


class ZigbangFields(Section):
    """Names of the JSON fields in the responses of the apartment API."""

    complex_lists: tuple[str, ...] = ("vrItems", "recommendItems", "items")
    """Lists of complexes in the response for a cell; at least one must exist."""
    complex_id: str = "areaDanjiId"
    """Id of a complex."""
    complex_name: str = "areaDanjiName"
    """Name of a complex."""
    reviews: str = "data"
    """List of reviews in the response for a complex."""
    id: str = "id"
    """Id of a review."""
    text: str = "desc"
    """Text of a review."""
    rating: str = "score"
    """Rating of a review."""
    date: str = "date"
    """Date of a review."""
    author: str = ""
    """Author of a review; stored as a pseudonym, and only with ``store.author_key``. Empty:
    not read."""
    aspects: dict[str, str] = Field(
        {"traffic": "교통", "around": "주변환경", "care": "단지관리", "resident": "거주환경"}
    )
    """Aspects of a review: field prefix -> name of the aspect. The prefix ``traffic`` reads the
    rating ``trafficScore`` and the text ``trafficDesc``."""


class ZigbangSource(SiteSection):
    """A JSON API of apartment reviews, organized by geohash cells and apartment complexes."""

    kind: Literal["zigbang"]
    """Selects this kind of source."""
    base_url: Address = Field("https://apis.zigbang.com", pattern=r"^https?://[^/\s]+$")
    """Scheme and host of the API."""
    cells: tuple[Annotated[str, Field(pattern=r"^[0-9b-hjkmnp-z]{1,5}$")], ...] = ()
    """Geohash cells to crawl: five characters each, or a shorter prefix for all cells inside it.
    Required unless ``box`` is set."""
    box: tuple[float, float, float, float] | None = None
    """Bounding box to crawl, as south, west, north, east in degrees; adds all cells that it
    touches. Unset: only ``cells``."""
    cell_path: Address = "/v2/aparts/items?domain=zigbang&geohash={cell}"
    """Path and query that list the complexes of a cell; must contain ``{cell}``."""
    reviews_path: Address = "/property/apartments/{complex}/reviews/v1"
    """Path that lists the reviews of a complex; must contain ``{complex}``."""
    fields: ZigbangFields = ZigbangFields()
    """Names of the JSON fields."""

    @model_validator(mode="after")
    def _has_cells(self) -> ZigbangSource:
        if not self.cells and self.box is None:
            raise ValueError("set source.cells or source.box")
        if "{cell}" not in self.cell_path:
            raise ValueError(f"cell_path {self.cell_path!r} must contain {{cell}}")
        if "{complex}" not in self.reviews_path:
            raise ValueError(f"reviews_path {self.reviews_path!r} must contain {{complex}}")
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
        """Short description of the source for the report."""
        where = f"{len(self.cells)} cells" if self.cells else f"the box {self.box}"
        return f"{redact(self.base_url)}, {where}"


class JsonFields(Section):
    """Where to find the fields of a review: dotted paths such as ``user.grade``.

    A number in a path is a list index.
    """

    id: str = ""
    """Path of the id. Empty: the id is a hash of the review's content."""
    text: str
    """Path of the text."""
    rating: str
    """Path of the rating. Empty: reviews have no rating."""
    date: str = ""
    """Path of the date. Empty: reviews have no date."""
    group: str = ""
    """Path of the id of what is reviewed (a product, a film). Empty: reviews have no group."""
    group_name: str = ""
    """Path of the name of what is reviewed."""
    author: str = ""
    """Path of the author; stored as a pseudonym, and only with ``store.author_key``. Empty: not
    read."""


class JsonPaging(Section):
    """Pagination of a JSON API."""

    kind: Literal["page", "offset", "cursor", "next"]
    """How to request the next page: increment a ``page`` number, increase an ``offset`` by the
    number of items, send back a ``cursor`` from the response, or follow the URL of the ``next``
    page."""
    parameter: str = ""
    """Query parameter, or dotted path in the JSON body of a POST, to set for each page. Required
    except for ``next``."""
    first: int = Field(1, ge=0)
    """Number of the first page (``page`` only)."""
    path: str = ""
    """Dotted path of the cursor or the next URL in the response. Required for ``cursor`` and
    ``next``."""

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
    """Selects this kind of source."""
    url: HttpUrl
    """URL of the first page."""
    method: Literal["GET", "POST"] = "GET"
    """HTTP method of the requests."""
    body: Address = ""
    """JSON body of the requests (``POST`` only)."""
    items: str = ""
    """Dotted path of the list of reviews in the response. Empty: the response is the list."""
    fields: JsonFields
    """Where to find the fields of a review."""
    paging: JsonPaging | None = None
    """Pagination. Unset: a single page."""

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return redact(self.url)


class HtmlFields(Section):
    """Where to find the fields of a review: CSS selectors relative to the review's element.

    ``selector@attribute`` reads an attribute instead of the text; ``@attribute`` reads one of the
    review's element itself.
    """

    id: str = ""
    """Selector of the id. Empty: the id is a hash of the review's content."""
    text: str
    """Selector of the text."""
    rating: str
    """Selector of the rating; see also ``rating_pattern``. Empty: reviews have no rating."""
    date: str = ""
    """Selector of the date. Empty: reviews have no date."""
    group: str = ""
    """Selector of what is reviewed (a product, a film). Empty: reviews have no group."""
    author: str = ""
    """Selector of the author; stored as a pseudonym, and only with ``store.author_key``. Empty:
    not read."""


class HtmlPaging(Section):
    """Pagination of an HTML list; set either ``link`` or ``parameter``."""

    link: str = ""
    """CSS selector of the link to the next page."""
    parameter: str = ""
    """Query parameter that holds the page number."""
    first: int = Field(1, ge=0)
    """Number of the first page (``parameter`` only)."""

    @model_validator(mode="after")
    def _is_one(self) -> HtmlPaging:
        if bool(self.link) == bool(self.parameter):
            raise ValueError("set either link or parameter")
        return self


class HtmlSource(SiteSection):
    """Lists of reviews in HTML."""

    kind: Literal["html"]
    """Selects this kind of source."""
    url: HttpUrl
    """URL of the first page."""
    item: str
    """CSS selector of the element that contains one review."""
    fields: HtmlFields
    """Where to find the fields of a review."""
    paging: HtmlPaging | None = None
    """Pagination. Unset: a single page."""

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return redact(self.url)


class FileColumns(Section):
    """Column names of a file. The text and either ``label`` or ``rating`` must exist."""

    id: str = "id"
    """Column of the id. If it does not exist, the id is the row number."""
    text: str = ""
    """Column of the text. Empty: the first of ``document``, ``text`` and ``review`` that
    exists."""
    label: str = "label"
    """Column of the label, such as 0 and 1, -1, 0 and 1, or 부정, 중립 and 긍정; see also
    ``source.values``. Empty: labels are not read."""
    rating: str = "rating"
    """Column of the rating; see also ``rating_pattern``."""
    date: str = "date"
    """Column of the date."""
    group: str = "group"
    """Column of what is reviewed (a product, a film)."""


class FileSource(ReadingSection):
    """A file of reviews: TSV, CSV, JSONL (each also with ``.gz``) or Parquet."""

    kind: Literal["file"]
    """Selects this kind of source."""
    path: Path
    """Path of the file."""
    test_path: Path | None = None
    """Path of a file of labelled reviews that becomes the test split; never used for training or
    model selection. Unset: ``split.test_share`` of the reviews."""
    columns: FileColumns = FileColumns()
    """Column names of both files."""
    values: Values = Field({})
    """Meaning of values that are not known or known otherwise: ``negative``, ``neutral`` or
    ``positive`` for a label, a number for a rating, or empty to skip the rows. If it gives a
    sentiment to a label that occurs, rows with other labels are skipped."""

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
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
