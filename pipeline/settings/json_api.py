"""Settings of a JSON API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from pipeline.redact import redact
from pipeline.settings.section import Section
from pipeline.settings.sites import Address, HttpUrl, fingerprint
from pipeline.settings.targets import PAGE, TargetSection, check_places
from pipeline.settings.texts import AspectRatings, Texts, check_texts
from pipeline.settings.values import Values


class JsonFields(Section):
    """Where to find the fields of a review: dotted paths such as ``user.grade``.

    A number in a path is a list index.
    """

    id: str = ""
    """Path of the id. Empty: the id is a hash of the review's content."""
    text: Texts
    """Path of the text; the texts of several paths, such as ``["title", "content"]``, are joined,
    each on a separate line. Empty only with ``pros`` or ``cons``."""
    rating: str
    """Path of the rating. Empty: reviews have no rating."""
    pros: str = ""
    """Path of what the reviewer liked: a text of its own, labelled positive."""
    cons: str = ""
    """Path of what the reviewer did not like: a text of its own, labelled negative. Answers such as
    없음 are left out."""
    label: str = ""
    """Path of the label: true for positive and false for negative, or a value that
    ``source.values`` names. Empty: labels come from ratings."""
    date: str = ""
    """Path of the date. Empty: reviews have no date."""
    group: str = ""
    """Path of the id of the reviewed item (a product, a film). Empty: reviews have no group."""
    group_name: str = ""
    """Path of the name of the reviewed item."""
    author: str = ""
    """Path of the author, who is stored as a pseudonym, and only if ``store.author_key`` is set.
    Empty: authors are not read."""

    @model_validator(mode="after")
    def _has_text(self) -> JsonFields:
        check_texts(self.text, self.pros, self.cons)
        return self


class JsonPaging(Section):
    """Pagination of a JSON API."""

    kind: Literal["page", "offset", "cursor", "next"]
    """How to request the next page: increment a ``page`` number, increase an ``offset`` by the
    number of items, send back a ``cursor`` from the response, or follow the URL of the ``next``
    page."""
    parameter: str = ""
    """Query parameter to set for each page, or dotted path in the JSON body of a POST
    (``0.variables.page`` if the body is a list). Required, except for ``next``, and for ``page``
    if ``source.url`` or ``source.body`` contains ``{page}``."""
    first: int = Field(1, ge=0)
    """Number of the first page (``page`` only)."""
    path: str = ""
    """Dotted path of the cursor or the next URL in the response, such as ``paging.after``;
    ``reviews.-1.id`` is the id of the last review. Required for ``next``, and for ``cursor``
    without ``cursors``."""
    cursors: dict[str, str] = Field({})
    """Parameter and path of each of several cursors, used instead of ``parameter`` and ``path``
    (``cursor`` only): ``{ after_id = "reviews.-1.id", after_day = "reviews.-1.day" }``."""

    @model_validator(mode="after")
    def _is_complete(self) -> JsonPaging:
        if self.cursors:
            if self.kind != "cursor" or self.parameter or self.path:
                raise ValueError("cursors needs kind 'cursor', and no parameter or path")
            if not all((*self.cursors, *self.cursors.values())):
                raise ValueError("a parameter or path in cursors is empty")
            return self
        if self.kind in ("offset", "cursor") and not self.parameter:
            raise ValueError(f"kind {self.kind!r} needs a parameter")
        if self.kind in ("cursor", "next") and not self.path:
            raise ValueError(f"kind {self.kind!r} needs a path")
        return self

    @property
    def sent(self) -> dict[str, str]:
        """The parameters of the cursors, and the paths of their values."""
        return self.cursors or ({self.parameter: self.path} if self.kind == "cursor" else {})


class JsonSource(TargetSection):
    """Any JSON API that lists reviews."""

    kind: Literal["json"]
    """Selects this kind of source."""
    url: HttpUrl
    """URL of the first page; ``{target}`` is replaced by each of ``source.targets``, ``{page}``
    by the page number."""
    method: Literal["GET", "POST"] = "GET"
    """HTTP method of the requests."""
    body: Address = ""
    """JSON body of the requests (``POST`` only), an object or a list; may contain ``{target}``
    and ``{page}`` too."""
    script: str = ""
    """CSS selector of the ``<script>`` with the JSON, for HTML pages that contain it, such as
    ``script#__NEXT_DATA__`` or ``script[type='application/ld+json']``; ``selector@attribute`` reads
    an attribute. Of several elements, the first one with reviews at ``source.items`` is read.
    Empty: the response itself is JSON."""
    items: str = ""
    """Dotted path of the list of reviews in the response; a single object in its place is read as
    a list of one review. Empty: the response itself is the list."""
    fields: JsonFields
    """Where to find the fields of a review."""
    paging: JsonPaging | None = None
    """Pagination. Unset: a single page."""
    total: str = ""
    """Dotted path, in the first response, of the number of reviews in the whole list. If the crawl
    finds a different number in the list, the log says so. Empty: the numbers are not compared."""
    aspect_ratings: AspectRatings = Field({})
    """Paths of further ratings by the aspect that they rate, such as ``{ "맛" = "score.taste" }``.
    The report shows their means."""
    values: Values = Field({})
    """Meaning of labels and ratings: ``negative``, ``neutral`` or ``positive`` for a label, a
    number for a rating, or empty for a value that is neither."""

    @model_validator(mode="after")
    def _has_places(self) -> JsonSource:
        places = {"url": self.url, "body": self.body if self.method == "POST" else ""}
        places |= self.fetch.places
        paging = self.paging
        counts = paging is not None and paging.kind == "page" and not paging.parameter
        if counts and not any(PAGE in text for text in places.values()):
            raise ValueError(f"source.paging needs a parameter, or source.url needs {PAGE}")
        check_places(places, targets=self.has_targets, pages=counts)
        if self.has_targets and self.fields.group:
            raise ValueError("the targets are the groups: remove source.fields.group")
        return self

    @property
    def store_name(self) -> str:
        """Name of the source in the store."""
        body = self.body if self.method == "POST" else ""
        return self.name or f"json:{redact(self.url)}{fingerprint(body, self.fetch.query)}"

    @property
    def title(self) -> str:
        """Short description of the source for the report."""
        return redact(self.url)
