"""Finds the list of reviews in an HTML page: similar elements that contain Korean text."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from pipeline.inspect.fields import Fields, guess_fields
from pipeline.inspect.html_parts import (
    WIDTH,
    classes_of,
    is_called_reply,
    is_stable,
    name_of,
    shared_classes,
    values_of,
)
from pipeline.inspect.scan import HANGUL, Scan
from pipeline.inspect.whole_text import whole_text

MIN_ITEMS = 2
MAX_ITEMS, MAX_GROUPS = 50, 40
"""Maximum number of items of a list, and of lists, that are looked at."""
MAX_STEPS = 4
"""Maximum number of elements in the selector of a list."""
_ROOTS = {"html", "body", "[document]"}


class HtmlList(NamedTuple):
    """A list of reviews.

    Attributes:
        item: CSS selector of a review.
        fields: The fields; their places are ``selector`` or ``selector@attribute``.
        texts: The places that together hold the whole text.
        has_bar: Whether ratings are widths of bars.
    """

    item: str
    fields: Fields
    texts: list[str]
    has_bar: bool


def find_html_list(soup: BeautifulSoup) -> HtmlList | None:
    """The list of a page that looks most like reviews; None if none does."""
    found = [one for item in _items(soup) if (one := _read(item, soup))]
    found = [one for one in found if not is_called_reply(one.item)] or found
    best = max(found, key=lambda one: one.fields.quality, default=None)
    return best and best._replace(texts=_texts(best, soup))


def _texts(found: HtmlList, soup: BeautifulSoup) -> list[str]:
    """The places of the text of the reviews of a list."""
    others = dict(found.fields.places)
    text = others.pop("text", "")
    tags = soupsieve.select(found.item, soup, limit=MAX_ITEMS)
    return whole_text(tags, text, others.values()) if text else []


def _items(soup: BeautifulSoup) -> list[str]:
    """Selectors of elements that are repeated and contain Hangul, the longest texts first."""
    sizes: dict[str, int] = {}
    tags = soup.find_all(True)
    korean = _korean(tags)
    for parent in tags:
        groups: dict[str, list[Tag]] = defaultdict(list)
        for child in parent.children:
            if isinstance(child, Tag):
                groups[child.name].append(child)
        for own in itertools.chain.from_iterable(map(_alike, groups.values())):
            lengths = [length for one in own if (length := korean[id(one)])]
            if len(lengths) >= max(MIN_ITEMS, len(own) / 2):
                selector = _selector_of_items(own, parent)
                sizes[selector] = sizes.get(selector, 0) + sum(lengths)
    return sorted(sizes, key=lambda one: -sizes[one])[:MAX_GROUPS]


def _korean(tags: Sequence[Tag]) -> Mapping[int, int]:
    """Number of characters of the strings with Hangul in each element, by its ``id()``."""
    found: dict[int, int] = defaultdict(int)
    for tag in reversed(tags):
        strings = (one for one in tag.children if type(one) is NavigableString)
        found[id(tag)] += sum(len(one) for one in strings if HANGUL.search(one))
        found[id(tag.parent)] += found[id(tag)]
    return found


def _alike(tags: Sequence[Tag]) -> Iterator[list[Tag]]:
    """The elements as one list if they share a class, else divided by their classes."""
    by_classes: dict[str, list[Tag]] = defaultdict(list)
    for tag in tags:
        by_classes[classes_of(tag)].append(tag)
    is_one = len(by_classes) == 1 or shared_classes(tags)
    yield from [list(tags)] if is_one else by_classes.values()


def _selector_of_items(tags: Sequence[Tag], parent: Tag) -> str:
    if shared := shared_classes(tags):
        return name_of(tags[0]) + "".join(f".{name}" for name in shared)
    return f"{_selector_of_parent(parent)} > {name_of(tags[0])}"


def _selector_of_parent(parent: Tag) -> str:
    """Selector that begins at the nearest ancestor with an id or class, or is long enough."""
    parts: list[str] = []
    for tag in (parent, *parent.parents):
        identity = str(tag.get("id") or "")
        named = f"#{identity}" if is_stable(identity) else f"{name_of(tag)}{classes_of(tag)}"
        parts.insert(0, named)
        if named != name_of(tag) or tag.name in _ROOTS or len(parts) == MAX_STEPS:
            break
    return " > ".join(parts)


def _read(item: str, soup: BeautifulSoup) -> HtmlList | None:
    """The fields of the elements that a selector finds."""
    tags = soupsieve.select(item, soup, limit=MAX_ITEMS)
    nested = {id(inner) for tag in tags for inner in tag.descendants}
    if len(tags) < MIN_ITEMS or any(id(tag) in nested for tag in tags):
        return None
    items = values_of(tags, are_replies=is_called_reply(item))
    fields = guess_fields(items)
    if fields is None:
        return None
    places, has_bar = dict(fields.places), False
    if "rating" not in places and (bar := _bar(items.scan)):
        places["rating"], has_bar = bar, True
    return HtmlList(item, fields._replace(places=places), [], has_bar)


def _bar(scan: Scan) -> str:
    """Place of a style with a width in percent; empty if there is none."""
    return next(
        (
            place
            for place, column in scan.columns.items()
            if place.endswith("@style")
            and column.filled == scan.rows
            and all(map(WIDTH.search, column.values))
        ),
        "",
    )
