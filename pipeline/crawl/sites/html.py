"""Reviews from HTML lists, found by CSS selectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import soupsieve
from bs4 import BeautifulSoup, Tag

from pipeline.crawl.parse.pseudonym import Pseudonym
from pipeline.crawl.parse.urls import follow, with_parameter
from pipeline.crawl.parse.values import ValueReader
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.html_frame import doubt_cut, doubt_empty, frame_of, is_closed, path_of
from pipeline.crawl.sites.items import (
    Item,
    collect,
    id_in_source,
    known_by_content,
    not_understood,
    settings_of,
)
from pipeline.crawl.sites.list_order import order_of
from pipeline.crawl.sites.selectors import Selector, compile_css, parse_html
from pipeline.crawl.sites.sides import SIDES, sides_of, with_sides
from pipeline.crawl.targets import each_target, fill_url
from pipeline.errors import SourceError
from pipeline.redact import redact
from pipeline.reviews.review import Review
from pipeline.settings import HtmlSource
from pipeline.settings.texts import join, places

ITEM_EXCERPT_CHARACTERS = 80
"""Length of excerpts of an item in error messages."""

TEXTS = ("text", *SIDES)
"""Fields that may consist of several paragraphs."""

_Values = dict[str, str]


class HtmlSite:
    """An HTML list of reviews; a :class:`~pipeline.crawl.sites.base.Site`.

    Args:
        settings: URL, CSS selectors and pagination.
        today: Date that relative dates refer to.
        author: Pseudonyms for authors; None to not read authors.

    Raises:
        SettingsError: A CSS selector is invalid.
    """

    def __init__(
        self, settings: HtmlSource, *, today: date, author: Pseudonym | None = None
    ) -> None:
        self.name = settings.store_name
        self._settings, self._author = settings, author
        self._reader = ValueReader(settings, today, settings.values)
        self._item = compile_css("item", settings.item)
        self._link: soupsieve.SoupSieve | None = None
        if settings.paging and settings.paging.link:
            self._link = compile_css("paging.link", settings.paging.link)
        self._selectors = {
            field: tuple(
                Selector.parse(f"fields.{field}", one, settings.item) for one in places(text)
            )
            for field, text in settings.fields
            if text and (author or field != "author")
        }
        self._selectors |= {
            _aspect(name): (Selector.parse(_aspect(name), one, settings.item),)
            for name, one in settings.aspect_ratings.items()
        }

    def __repr__(self) -> str:
        return f"HtmlSite({redact(self._settings.url)!r})"

    def start(self) -> Iterator[Request]:
        """The request for the first page of each list."""
        paging = self._settings.paging
        for target in each_target(self._settings.targets):
            url = fill_url(self._settings.url, target.id, paging.first if paging else None)
            if paging and paging.parameter:
                url = with_parameter(url, paging.parameter, paging.first)
            yield Request(url=url, target=target.id, group=target.id, group_name=target.name)

    def parse(self, request: Request, page: Page) -> Parsed:
        """Parse the reviews of a page and the link to the next page.

        Raises:
            SourceError: The first page has no item, a later page has none although the list goes
                on, or all items of a page lack a field.
        """
        soup = parse_html(page.text)
        tags = self._item.select(soup)
        if not tags:
            if request.number == 1:
                raise SourceError(
                    f"{page.url}: no element matches {self._settings.item!r}: check source.item"
                )
            has_link = self._link is not None and self._next_page(request, page, soup, 0)[0]
            return Parsed(doubt=doubt_empty(soup, request, page, has_next=bool(has_link)))
        items = [self._read(values, request) for values in self._values(soup, tags)]
        kept = collect(items, request, lambda field: self._describe(field, tags[0]))
        next_page, cut = self._next_page(request, page, soup, len(tags))
        if next_page:
            frame = (
                request.trail.frame if request.trail.frame and len(tags) == 1 else frame_of(tags)
            )
            trail = request.trail.extended(
                len(tags),
                frame,
                path=path_of(page.url),
                is_closed=is_closed(page),
                order=order_of(kept.reviews),
            )
            next_page = replace(next_page, number=request.number + 1, trail=trail)
        return Parsed(
            **kept._asdict(),
            next_page=next_page,
            doubt=doubt_cut(request, page, has_next=next_page is not None),
            cut=cut,
        )

    def _values(self, soup: BeautifulSoup, tags: Sequence[Tag]) -> list[_Values]:
        """Field values of each item; nested items are not part of the outer item.

        Runs each selector once on the whole page: running it on each item would take quadratic
        time for deeply nested items.
        """
        owners: dict[int, int | None] = {id(tag): place for place, tag in enumerate(tags)}
        apart = frozenset(owners)
        values: list[_Values] = [{} for _ in tags]
        for field, selectors in self._selectors.items():
            for selector in selectors:
                found: dict[int, list[Tag]] = {}
                if selector.css is None:
                    found = {place: [tag] for place, tag in enumerate(tags)}
                else:
                    for tag in selector.css.select(soup):
                        owner = _owner(tag, owners)
                        if owner is not None:
                            found.setdefault(owner, []).append(tag)
                for place, matched in found.items():
                    value = selector.value(matched, apart, is_text=field in TEXTS)
                    if value is not None:
                        before = values[place].get(field)
                        values[place][field] = value if before is None else join([before, value])
        return values

    def _read(self, values: _Values, request: Request) -> Item:
        rating = self._reader.rating(values.get("rating", ""))
        label = self._reader.label(values.get("label"))
        review_id, text = values.get("id", ""), values.get("text", "")
        has_text = not values.keys().isdisjoint(("text", "pros", "cons"))
        sides = sides_of(values.get("pros", ""), values.get("cons", ""))
        absent = {"id": not review_id, "rating": rating is None, "date": not values.get("date")}
        lacks = {field for field in absent if absent[field] and field in self._selectors}
        if not has_text:
            lacks.add("text")
        is_empty = not (text or sides) and rating is None and label is None
        if lacks & {"id", "text"} or is_empty:
            return Item(lacks=lacks)
        day = self._reader.day(values.get("date", ""))
        review = Review(
            source=self.name,
            review_id=id_in_source(request, review_id),
            text=text,
            rating=rating,
            label=label,
            date=day.date,
            date_is_vague=day.is_vague,
            group=values.get("group") or request.group,
            group_name=request.group_name,
            aspect_ratings=self._reader.ratings(
                {one: values.get(_aspect(one)) for one in self._settings.aspect_ratings}
            ),
            author=self._author.of(values.get("author", "")) if self._author else "",
        )
        if not review_id:
            review = known_by_content(review, sides)
        unread = not_understood(
            dates=(values.get("date"), day.date),
            ratings=(values.get("rating"), rating),
            labels=(values.get("label"), label),
        )
        return Item(reviews=with_sides(review, sides), lacks=lacks, unread=unread)

    def _describe(self, field: str, tag: Tag) -> str:
        excerpt = " ".join(str(tag).split())[:ITEM_EXCERPT_CHARACTERS]
        fields = self._settings.fields
        wanted = repr(getattr(fields, field) or fields.pros or fields.cons)
        if field == "rating":
            pattern = self._settings.rating_pattern
            wanted += f" with a number matching {pattern!r}" if pattern else " with a number"
        return (
            f"no {self._settings.item!r} has a valid {field} at {wanted}, the first item is "
            f"{excerpt!r}: check {settings_of(field)}"
        )

    def _next_page(
        self, request: Request, page: Page, soup: BeautifulSoup, count: int
    ) -> tuple[Request | None, str]:
        """The page after one with ``count`` items, None at the end; and why a link is refused."""
        paging = self._settings.paging
        if paging is None:
            return None, ""
        if self._link is None:
            number = paging.first + request.number
            if paging.parameter:
                url = with_parameter(request.url, paging.parameter, number)
            else:
                url = fill_url(self._settings.url, request.target, number)
            return replace(request, url=url, is_linked=False), ""
        link = self._link.select_one(soup)
        if link is None:
            return None, ""
        href = str(link.get("href") or "").strip()
        base = soup.find("base", href=True) if "<base" in page.text.lower() else None
        start = follow(page.url, str(base["href"])) if isinstance(base, Tag) else ""
        if url := follow(start or page.url, href, page.encoding):
            return replace(request, url=url, is_linked=True), ""
        if not href or (href == "#" and count < request.trail.page_size):  # the last page
            return None, ""
        return None, (
            f"{page.url}: {paging.link!r} leads to {href[:ITEM_EXCERPT_CHARACTERS]!r}, which is "
            "not a page: the list ends here; if it has more pages, set source.paging.parameter"
        )


def _aspect(name: str) -> str:
    """The setting of the rating of an aspect."""
    return f"aspect_ratings.{name}"


def _owner(tag: Tag, owners: dict[int, int | None]) -> int | None:
    """Index of the innermost item that contains a tag, None if none; caches it in ``owners``."""
    path: list[int] = []
    node: Tag | None = tag
    while node is not None and id(node) not in owners:
        path.append(id(node))
        node = node.parent
    owner = owners[id(node)] if node is not None else None
    owners.update(dict.fromkeys(path, owner))
    return owner
