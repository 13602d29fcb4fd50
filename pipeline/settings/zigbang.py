"""Settings of the API of apartment reviews."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from pipeline.redact import redact
from pipeline.settings.section import Section
from pipeline.settings.sites import Address, SiteSection


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
    """Author of a review, who is stored as a pseudonym, and only if ``store.author_key`` is set.
    Empty: authors are not read."""
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
    def store_name(self) -> str:
        """Name of the source in the store."""
        return self.name or f"zigbang:{urlsplit(redact(self.base_url)).netloc}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        where = f"{len(self.cells)} cells" if self.cells else f"the box {self.box}"
        return f"{redact(self.base_url)}, {where}"
