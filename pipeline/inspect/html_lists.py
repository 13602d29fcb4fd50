"""Finds the list of reviews in an HTML page: similar elements that contain Korean text."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import soupsieve
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from pipeline.crawl.parse.html_text import visible_text
from pipeline.inspect.fields import Fields, guess_fields
from pipeline.inspect.scan import HANGUL, Scan

MIN_ITEMS = 2
MAX_ITEMS, MAX_GROUPS, MAX_PARTS = 50, 40, 200
"""Maximum number of items of a list, of lists, and of elements of an item that are looked at."""
MAX_STEPS = 4
"""Maximum number of elements in the selector of a list."""
BAR_PATTERN, BAR_FACTOR = r"width:\s*([\d.]+)\s*%", 0.05
"""A rating as the width of a bar; 100 % are five stars."""

_ATTRIBUTES = re.compile(r"datetime|content|title|alt|value|aria-label|data-[\w-]+")
_WIDTH = re.compile(BAR_PATTERN)
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"[^\W\d][\w-]*")
_ROOTS = {"html", "body", "[document]"}


class HtmlList(NamedTuple):
    """A list of reviews.

    Attributes:
        item: CSS selector of a review.
        fields: The fields; their places are ``selector`` or ``selector@attribute``.
        has_bar: Whether ratings are widths of bars.
    """

    item: str
    fields: Fields
    has_bar: bool


def find_html_list(soup: BeautifulSoup) -> HtmlList | None:
    """The list of a page that looks most like reviews; None if none does."""
    found = [one for item in _items(soup) if (one := _read(item, soup))]
    return max(found, key=lambda one: one.fields.quality, default=None)


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
        by_classes[_classes(tag)].append(tag)
    is_one = len(by_classes) == 1 or _shared_classes(tags)
    yield from [list(tags)] if is_one else by_classes.values()


def _selector_of_items(tags: Sequence[Tag], parent: Tag) -> str:
    if shared := _shared_classes(tags):
        return _name(tags[0]) + "".join(f".{name}" for name in shared)
    return f"{_selector_of_parent(parent)} > {_name(tags[0])}"


def _selector_of_parent(parent: Tag) -> str:
    """Selector that begins at the nearest ancestor with an id or class, or is long enough."""
    parts: list[str] = []
    for tag in (parent, *parent.parents):
        identity = str(tag.get("id") or "")
        named = f"#{identity}" if _is_stable(identity) else f"{_name(tag)}{_classes(tag)}"
        parts.insert(0, named)
        if named != _name(tag) or tag.name in _ROOTS or len(parts) == MAX_STEPS:
            break
    return " > ".join(parts)


def _read(item: str, soup: BeautifulSoup) -> HtmlList | None:
    """The fields of the elements that a selector finds."""
    tags = soupsieve.select(item, soup, limit=MAX_ITEMS)
    nested = {id(inner) for tag in tags for inner in tag.descendants}
    if len(tags) < MIN_ITEMS or any(id(tag) in nested for tag in tags):
        return None
    scan = Scan([], {})
    for tag in tags:
        scan.add(_parts(tag))
    fields = guess_fields(scan, _names(scan))
    if fields is None:
        return None
    places, has_bar = dict(fields.places), False
    if "rating" not in places and (bar := _bar(scan)):
        places["rating"], has_bar = bar, True
    if "id" not in places and (identity := _identity(scan)):
        places["id"] = identity
    return HtmlList(item, fields._replace(places=places), has_bar)


def _names(scan: Scan) -> dict[str, str]:
    """Places by their last class, ``itemprop`` or attribute."""
    return {_NAME.findall(place)[-1]: place for place in reversed(scan.columns) if "@" not in place}


def _bar(scan: Scan) -> str:
    """Place of a style with a width in percent; empty if there is none."""
    return next(
        (
            place
            for place, column in scan.columns.items()
            if place.endswith("@style")
            and column.filled == scan.rows
            and all(map(_WIDTH.search, column.values))
        ),
        "",
    )


def _identity(scan: Scan) -> str:
    """Attribute of the item that differs between all items; empty if there is none."""
    return next(
        (
            place
            for place, column in scan.columns.items()
            if place.startswith("@")
            and column.filled == scan.rows == len(column.values)
            and place[1:].replace("-", "").endswith(("id", "no", "key", "seq"))
        ),
        "",
    )


def _parts(item: Tag) -> dict[str, Any]:
    """Texts and attributes of an item by place; the first element of each place counts."""
    found: dict[str, Any] = {}
    paths = {id(item): ":scope"}
    _add_attributes(found, "", item)
    for number, tag in enumerate(item.find_all(True)):
        if number >= MAX_PARTS:
            break
        parent = paths.get(id(tag.parent), ":scope")
        place = paths[id(tag)] = _place(tag, parent)
        if any(isinstance(one, NavigableString) and one.strip() for one in tag.children):
            found.setdefault(place, visible_text(tag))
        _add_attributes(found, place, tag)
    return found


def _place(tag: Tag, parent: str) -> str:
    """Selector of an element in its item."""
    kind = str(tag.get("itemprop") or "")
    if _is_stable(kind):
        return f"[itemprop='{kind}']"
    classes = _classes(tag)
    if classes or tag.name == "time":
        return f"{_name(tag)}{classes}"
    before = len(tag.find_previous_siblings(tag.name))
    number = f":nth-of-type({before + 1})" if before else ""  # the first match counts anyway
    return f"{parent} > {_name(tag)}{number}"


def _add_attributes(found: dict[str, Any], place: str, tag: Tag) -> None:
    for name, value in tag.attrs.items():
        text = value if isinstance(value, str) else " ".join(value)
        is_width = name == "style" and _WIDTH.search(text)
        has_number = name == "class" and place and _DIGIT.search(text)
        is_own_id = name == "id" and not place
        if _ATTRIBUTES.fullmatch(name) or is_width or has_number or is_own_id:
            found.setdefault(f"{place}@{name}", text)


def _name(tag: Tag) -> str:
    """The name in a selector; names such as ``o:p`` need escapes."""
    return soupsieve.escape(tag.name)


def _classes(tag: Tag) -> str:
    return "".join(f".{name}" for name in _class_names(tag))


def _class_names(tag: Tag) -> list[str]:
    """The classes that are valid in a selector and may be the same in all items and pages."""
    return [name for name in tag.get_attribute_list("class") if _is_stable(str(name or ""))]


def _shared_classes(tags: Sequence[Tag]) -> list[str]:
    return [
        name for name in _class_names(tags[0]) if all(name in _class_names(tag) for tag in tags)
    ]


def _is_stable(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not _DIGIT.search(name)
