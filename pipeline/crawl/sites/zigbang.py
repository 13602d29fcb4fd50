"""Apartment reviews from a JSON API such as Zigbang's: geohash cell -> complexes -> reviews."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import quote

from pipeline.crawl.parse.json_path import (
    MISSING,
    date_of,
    keys,
    list_at,
    look_up,
    name_of,
    parse_json,
    text_of,
)
from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.parse.values import ValueReader
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.geohash import expand
from pipeline.crawl.sites.items import Item, collect, not_understood
from pipeline.errors import SourceError
from pipeline.redact import redact
from pipeline.reviews.review import Review
from pipeline.settings import ZigbangSource


class ZigbangSite:
    """An API of apartment reviews; a :class:`~pipeline.crawl.sites.base.Site`.

    Args:
        settings: URL, area and field names.
        today: Date that relative dates refer to.
        author: Pseudonyms for authors; None to not read authors.
    """

    def __init__(
        self,
        settings: ZigbangSource,
        *,
        today: date,
        author: Pseudonym | None = None,
    ) -> None:
        self.name = settings.store_name
        self._settings, self._author = settings, author
        self._reader = ValueReader(settings, today)

    def __repr__(self) -> str:
        return f"ZigbangSite({redact(self._settings.base_url)!r})"

    def start(self) -> list[Request]:
        """One request per cell.

        Raises:
            SettingsError: The area has too many cells.
        """
        address = self._settings.base_url + self._settings.cell_path
        return [
            Request(url=address.replace("{cell}", cell), kind="cell")
            for cell in expand(self._settings.cells, self._settings.box)
        ]

    def parse(self, request: Request, page: Page) -> Parsed:
        """Parse the complexes of a cell, or the reviews of a complex.

        Raises:
            SourceError: The response does not match the settings.
        """
        answer = parse_json(page.text, page.url)
        if request.kind == "cell":
            return self._parse_cell(answer, page.url)
        return self._parse_reviews(answer, request, page.url)

    def _parse_cell(self, answer: Any, url: str) -> Parsed:
        fields = self._settings.fields
        names = [name for name in fields.complex_lists if look_up(answer, name) is not MISSING]
        if not names:
            wanted = ", ".join(fields.complex_lists)
            raise SourceError(
                f"{url}: expected one of the lists {wanted}, got {keys(answer)}: "
                "check source.fields.complex_lists"
            )
        setting = "source.fields.complex_lists"
        items = [item for name in names for item in list_at(answer, name, url=url, setting=setting)]
        found: dict[str, str] = {}
        skipped: Counter[str] = Counter()
        for item in items:
            complex_id = name_of(look_up(item, fields.complex_id))
            if complex_id:
                found.setdefault(complex_id, name_of(look_up(item, fields.complex_name)))
            else:
                skipped["no complex id"] += 1
        if items and not found:
            raise SourceError(f"{url}: {self._no_field('complex', 'complex_id', items[0])}")
        address = self._settings.base_url + self._settings.reviews_path
        requests = [
            Request(
                url=address.replace("{complex}", quote(complex_id, safe="")),
                kind="complex",
                group=complex_id,
                group_name=name,
            )
            for complex_id, name in found.items()
        ]
        return Parsed(requests=requests, skipped=skipped)

    def _parse_reviews(self, answer: Any, request: Request, url: str) -> Parsed:
        path = self._settings.fields.reviews
        found = list_at(answer, path, url=url, setting="source.fields.reviews")
        items = [self._read(item, request, url) for item in found]
        kept = collect(items, request, lambda field: self._no_field("review", field, found[0]))
        return Parsed(**kept._asdict())

    def _read(self, item: Any, request: Request, url: str) -> Item:
        fields = self._settings.fields
        written_text, written_rating = look_up(item, fields.text), look_up(item, fields.rating)
        review_id, rating = name_of(look_up(item, fields.id)), self._reader.rating(written_rating)
        absent = {"id": not review_id, "text": written_text is MISSING}
        absent["rating"] = rating is None and written_rating not in (None, "")
        lacks = {field for field in absent if absent[field]}
        if lacks & {"id", "text"}:
            return Item(lacks=lacks)
        texts = self._texts(item, url)
        ratings = self._aspect_ratings(item)
        author = name_of(look_up(item, fields.author)) if fields.author else ""
        written = date_of(look_up(item, fields.date))
        day = self._reader.day(written)
        whole: dict[str, Any] = {
            "source": self.name,
            "review_id": review_id,
            "group": request.group,
            "group_name": request.group_name,
            "date": day.date,
            "date_is_vague": day.is_vague,
            "author": self._author.of(author) if self._author else "",
        }
        text = texts.pop("", "")
        reviews = [
            Review(**whole, text=own, rating=ratings.get(aspect), aspect=aspect)
            for aspect, own in texts.items()
        ]
        if text or rating is not None or ratings or reviews:
            reviews.insert(0, Review(**whole, text=text, rating=rating, aspect_ratings=ratings))
        unread = not_understood(dates=(written, day.date), ratings=(written_rating, rating))
        return Item(reviews=reviews, lacks=lacks, unread=unread)

    def _texts(self, item: Any, url: str) -> dict[str, str]:
        """Non-empty texts by aspect; the empty aspect is the whole review."""
        fields = self._settings.fields
        names = {"": fields.text} | {name: f"{key}Desc" for key, name in fields.aspects.items()}
        texts = {}
        for aspect, name in names.items():
            try:
                text = text_of(look_up(item, name))
            except TypeError as error:
                raise SourceError(
                    f"{url}: expected text at {name!r}, got {error}: "
                    "the API may have changed, check source.fields"
                ) from error
            if text.strip():
                texts[aspect] = text
        return texts

    def _aspect_ratings(self, item: Any) -> dict[str, float]:
        aspects = self._settings.fields.aspects.items()
        return self._reader.ratings({one: look_up(item, f"{key}Score") for key, one in aspects})

    def _no_field(self, kind: str, field: str, item: Any) -> str:
        name = getattr(self._settings.fields, field)
        return (
            f"no {kind} has a valid {name!r}, the first is {keys(item)}: "
            f"the API may have changed, check source.fields.{field}"
        )
