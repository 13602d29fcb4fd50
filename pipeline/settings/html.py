"""Settings of a list of reviews in HTML."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.redact import redact
from pipeline.settings.section import Section
from pipeline.settings.sites import HttpUrl, fingerprint
from pipeline.settings.targets import PAGE, TargetSection, check_places
from pipeline.settings.texts import AspectRatings, Texts, check_texts
from pipeline.settings.values import Values


class HtmlFields(Section):
    """Where to find the fields of a review: CSS selectors relative to the review's element.

    ``selector@attribute`` reads an attribute instead of the text; ``@attribute`` reads an
    attribute of the review's element itself.
    """

    id: str = ""
    """Selector of the id. Empty: the id is a hash of the review's content."""
    text: Texts
    """Selector of the text; the texts of several selectors, such as ``["h3", "p.text"]``, are
    joined, each on a separate line. Empty only with ``pros`` or ``cons``."""
    rating: str
    """Selector of the rating; see also ``rating_pattern``. ``count(i.on)`` counts elements, such as
    the filled ones of five stars. Empty: reviews have no rating."""
    pros: str = ""
    """Selector of what the reviewer liked: a text of its own, labelled positive."""
    cons: str = ""
    """Selector of what the reviewer did not like: a text of its own, labelled negative. Answers
    such as 없음 are left out."""
    label: str = ""
    """Selector of the label: ``true`` for positive and ``false`` for negative, or a value that
    ``source.values`` names. Empty: labels come from ratings."""
    date: str = ""
    """Selector of the date. Empty: reviews have no date."""
    group: str = ""
    """Selector of the reviewed item (a product, a film). Empty: reviews have no group."""
    author: str = ""
    """Selector of the author, who is stored as a pseudonym, and only if ``store.author_key`` is
    set. Empty: authors are not read."""

    @model_validator(mode="after")
    def _has_text(self) -> HtmlFields:
        check_texts(self.text, self.pros, self.cons)
        return self


class HtmlPaging(Section):
    """Pagination of an HTML list: ``link``, ``parameter``, or ``{page}`` in ``source.url``."""

    link: str = ""
    """CSS selector of the link to the next page."""
    parameter: str = ""
    """Query parameter that holds the page number."""
    first: int = Field(1, ge=0)
    """Number of the first page (not used with ``link``)."""

    @model_validator(mode="after")
    def _is_one(self) -> HtmlPaging:
        if self.link and self.parameter:
            raise ValueError("set either link or parameter, not both")
        return self


class HtmlSource(TargetSection):
    """Lists of reviews in HTML."""

    kind: Literal["html"]
    """Selects this kind of source."""
    url: HttpUrl
    """URL of the first page; ``{target}`` is replaced by each of ``source.targets``, ``{page}``
    by the page number."""
    item: str
    """CSS selector of the element that contains one review."""
    fields: HtmlFields
    """Where to find the fields of a review."""
    paging: HtmlPaging | None = None
    """Pagination. Unset: a single page."""
    aspect_ratings: AspectRatings = Field({})
    """Selectors of further ratings by the aspect that they rate, such as ``{ "맛" = ".taste" }``.
    The report shows their means."""
    values: Values = Field({})
    """Meaning of labels and ratings: ``negative``, ``neutral`` or ``positive`` for a label, a
    number for a rating, or empty for a value that is neither."""

    @model_validator(mode="after")
    def _has_places(self) -> HtmlSource:
        paging = self.paging
        counts = paging is not None and not paging.parameter and not paging.link
        if counts and PAGE not in self.url:
            raise ValueError(f"set source.paging.link or parameter, or {PAGE} in source.url")
        check_places({"url": self.url} | self.fetch.places, targets=self.has_targets, pages=counts)
        if self.has_targets and self.fields.group:
            raise ValueError("the targets are the groups: remove source.fields.group")
        return self

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        return self.name or f"html:{redact(self.url)}{fingerprint('', self.fetch.query)}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return redact(self.url)
