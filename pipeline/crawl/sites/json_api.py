"""Reviews from JSON APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.crawl.parse.json_path import (
    MISSING,
    date_of,
    keys,
    list_at,
    look_up,
    name_of,
    parse_json,
    text_of,
    written_of,
)
from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.parse.values import ValueReader
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.embedded_json import EmbeddedJson
from pipeline.crawl.sites.items import (
    Item,
    collect,
    id_in_source,
    known_by_content,
    not_understood,
    settings_of,
)
from pipeline.crawl.sites.json_frame import (
    counted,
    difference,
    end_of,
    frame_of,
    has_none,
    total_of,
)
from pipeline.crawl.sites.json_paging import first_request, next_request
from pipeline.crawl.sites.list_order import order_of
from pipeline.crawl.sites.sides import SIDES, sides_of, with_sides
from pipeline.crawl.targets import each_target
from pipeline.errors import SourceError
from pipeline.redact import redact
from pipeline.reviews.review import Review
from pipeline.settings import JsonSource
from pipeline.settings.texts import join, places

_NO_JSON = "check the URL; if the JSON is in a script of this page, set source.script"


class JsonSite:
    """A JSON API that lists reviews; a :class:`~pipeline.crawl.sites.base.Site`.

    Args:
        settings: URL, field paths and pagination.
        today: Date that relative dates refer to.
        author: Pseudonyms for authors; None to not read authors.

    Raises:
        SettingsError: ``source.script`` is not a valid CSS selector.
    """

    def __init__(
        self, settings: JsonSource, *, today: date, author: Pseudonym | None = None
    ) -> None:
        self.name = settings.store_name
        self._settings, self._author = settings, author
        self._texts = places(settings.fields.text) if settings.fields.text else ()
        sides = (getattr(settings.fields, one) for one in SIDES)
        self._places = (*self._texts, *filter(None, sides))
        self._embedded = (
            EmbeddedJson(settings.script, settings.items, self._places) if settings.script else None
        )
        self._reader = ValueReader(settings, today, settings.values)

    def __repr__(self) -> str:
        return f"JsonSite({redact(self._settings.url)!r})"

    def start(self) -> Iterator[Request]:
        """The request for the first page of each list.

        Raises:
            SettingsError: The paging parameter cannot be set in the body.
        """
        return (first_request(self._settings, one) for one in each_target(self._settings.targets))

    def parse(self, request: Request, page: Page) -> Parsed:
        """Parse the reviews of a page and the request for the next page.

        Raises:
            SourceError: The response contains no JSON, has no list at ``source.items`` although
                the list goes on, or all items lack a field.
        """
        path = self._settings.items
        if self._embedded is None:
            answer = parse_json(page.text, page.url, advice=_NO_JSON)
        elif (answer := self._embedded.find(request, page)) is MISSING:
            return Parsed(doubt=self._embedded.doubt(request, page))
        if request.trail.pages and look_up(answer, path) in (MISSING, None, []):
            return self._end(answer, request, page)
        if path and has_none(answer, path, request):
            return Parsed()
        found = self._items(answer, page.url)
        items = [self._read(item, request, page.url) for item in found]
        kept = collect(items, request, lambda field: self._describe(field, found[0]))
        trail = request.trail.extended(
            len(found),
            frame_of(answer, path),
            order=order_of(kept.reviews),
            total=total_of(answer, self._settings.total),
            counted=counted(answer, path),
        )
        next_page = self._next_page(answer, len(found), request, page)
        if next_page:
            return Parsed(**kept._asdict(), next_page=replace(next_page, trail=trail))
        return Parsed(**kept._replace(notices=kept.notices + difference(trail, request))._asdict())

    def _items(self, answer: Any, url: str) -> list[Any]:
        """The items of a page, at ``source.items``."""
        return list_at(
            answer, self._settings.items, url=url, setting="source.items", single=self._places
        )

    def _end(self, answer: Any, request: Request, page: Page) -> Parsed:
        """The content of a page without a list or without items, after the first page."""
        has_next = self._next_page(answer, 0, request, page) is not None
        end = end_of(answer, self._settings.items, request, page, has_next=has_next)
        return replace(end, notices=difference(request.trail, request))

    def _next_page(self, answer: Any, count: int, request: Request, page: Page) -> Request | None:
        return next_request(self._settings, request, page, answer, count)

    def _read(self, item: Any, request: Request, url: str) -> Item:
        fields = self._settings.fields
        written = {path: look_up(item, path) for path in self._places}
        written_rating = look_up(item, fields.rating) if fields.rating else None
        review_id = self._name(item, fields.id)
        rating = self._reader.rating(written_rating)
        written_label = look_up(item, fields.label) if fields.label else None
        label = self._reader.label(written_label)
        lacks = set()
        if fields.id and not review_id:
            lacks.add("id")
        if all(one is MISSING for one in written.values()):
            lacks.add("text")
        if rating is None and written_rating not in (None, ""):
            lacks.add("rating")
        texts = [_text(written, path, "text", url) for path in self._texts]
        text = texts[0] if len(texts) == 1 else join(texts)
        pros, cons = (_text(written, getattr(fields, one), one, url) for one in SIDES)
        sides = sides_of(pros, cons)
        is_empty = not (text.strip() or sides) and rating is None and label is None
        if lacks & {"id", "text"} or is_empty:
            return Item(lacks=lacks)
        found_date = look_up(item, fields.date) if fields.date else None
        if fields.date and found_date in (MISSING, None, ""):
            lacks.add("date")
        day = self._reader.day(date_of(found_date))
        review = Review(
            source=self.name,
            review_id=id_in_source(request, review_id),
            text=text,
            rating=rating,
            label=label,
            date=day.date,
            date_is_vague=day.is_vague,
            group=self._name(item, fields.group) or request.group,
            group_name=self._name(item, fields.group_name) or request.group_name,
            aspect_ratings=self._reader.ratings(
                {
                    aspect: look_up(item, one)
                    for aspect, one in self._settings.aspect_ratings.items()
                }
            ),
            author=self._author.of(self._name(item, fields.author)) if self._author else "",
        )
        if not review_id:
            review = known_by_content(review, sides)
        unread = not_understood(
            dates=(written_of(found_date), day.date),
            ratings=(written_rating, rating),
            labels=(written_label, label),
        )
        return Item(reviews=with_sides(review, sides), lacks=lacks, unread=unread)

    def _name(self, item: Any, path: str) -> str:
        return name_of(look_up(item, path)) if path else ""

    def _describe(self, field: str, item: Any) -> str:
        path = self._places[0] if field == "text" else getattr(self._settings.fields, field)
        value = look_up(item, path)
        if value is MISSING:
            found = f"the first item is {keys(item)}"
        else:
            found = f"the first item has {keys(value)} there"
        return f"no item has a valid {field} at {path!r}, {found}: check {settings_of(field)}"


def _text(written: Mapping[str, Any], path: str, field: str, url: str) -> str:
    """The text that an item has at the path of a field, empty if it has none."""
    value = written.get(path, MISSING)
    try:
        return text_of(value) if value is not MISSING else ""
    except TypeError as error:
        raise SourceError(
            f"{url}: expected text at {path!r}, got {error}: check source.fields.{field}"
        ) from error
