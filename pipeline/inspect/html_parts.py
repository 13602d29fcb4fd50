"""Reads the values of the items of an HTML list: texts and attributes, by their selectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import soupsieve
from bs4 import Tag
from bs4.element import NavigableString

from pipeline.crawl.parse.html_text import visible_text
from pipeline.inspect.items import Items
from pipeline.inspect.names import is_of_other, is_of_reply
from pipeline.inspect.scan import Scan

MAX_PARTS = 200
"""Maximum number of elements of an item that are looked at."""
BAR_PATTERN, BAR_FACTOR = r"width:\s*([\d.]+)\s*%", 0.05
"""A rating as the width of a bar; 100 % are five stars."""
WIDTH = re.compile(BAR_PATTERN)

_ATTRIBUTES = re.compile(r"datetime|content|title|alt|value|aria-label|data-[\w-]+")
_DIGIT = re.compile(r"\d")
_NAME = re.compile(r"[^\W\d][\w-]*")
_REPLY_LABEL = re.compile(
    r"(?:(?:사장|점주|업주)님?|(?:사장님?|점주|판매자|판매처|관리자|운영자|업체|매장|호스트|고객센터|담당자)"
    r"(?:님)?(?:의|이 남긴)?\s*(?:답변|답글|댓글|한마디))\s*:?"
)
"""The heading of a reply to a review."""


def values_of(tags: Sequence[Tag], *, are_replies: bool) -> Items:
    """The values of items.

    Args:
        tags: The elements of the items.
        are_replies: Whether the items themselves are called replies; else replies within an item
            are left out.
    """
    scan = Scan([], {})
    answered: dict[str, str] = {}
    for tag in tags:
        scan.add(_parts(tag, None if are_replies else answered))
    called = {place: _NAME.findall(place)[-1] for place in scan.columns}
    named = {called[place]: place for place in reversed(scan.columns) if "@" not in place}
    unanswered = {place: _without(place, answered.get(place, "")) for place in scan.columns}
    scan.columns = {unanswered[place]: column for place, column in scan.columns.items()}
    return Items(
        scan,
        names=({name: unanswered[place] for name, place in named.items()},),
        called={unanswered[place]: name for place, name in called.items()},
        own=[place for place in scan.columns if place.startswith("@")],
        others=[
            unanswered[place]
            for place, name in called.items()
            if "@" in place and is_of_other(name)
        ],
    )


def _parts(item: Tag, answered: dict[str, str] | None) -> dict[str, Any]:
    """Texts and attributes of an item by place; the first element of each place counts.

    Args:
        item: The element of the item.
        answered: Places within replies, with the place of the reply; new ones are added. None if
            replies are parts of the item.
    """
    found: dict[str, Any] = {}
    paths = {id(item): ":scope"}
    replies: dict[int, str] = {}
    _add_attributes(found, "", item)
    if answered is not None:
        found = {place: value for place, value in found.items() if not is_of_reply(place)}
    for number, tag in enumerate(item.find_all(True)):
        if number >= MAX_PARTS:
            break
        parent = paths.get(id(tag.parent), ":scope")
        place = paths[id(tag)] = place_of(tag, parent)
        reply = replies.get(id(tag.parent)) or (place if _is_reply(tag) else "")
        if answered is not None and reply:
            replies[id(tag)] = reply
            answered.setdefault(place, reply)
            continue
        if any(isinstance(one, NavigableString) and one.strip() for one in tag.children):
            found.setdefault(place, visible_text(tag))
        _add_attributes(found, place, tag)
    return found


def is_called_reply(selector: str) -> bool:
    """Whether a selector has the name of a reply to a review."""
    return any(map(is_of_reply, _NAME.findall(selector)))


def _is_reply(tag: Tag) -> bool:
    """Whether an element of an item is a reply, by its names or its heading."""
    if any(
        is_of_reply(str(one or "")) for one in (tag.get("id"), *tag.get_attribute_list("class"))
    ):
        return True
    first = next((one for one in tag.children if isinstance(one, Tag)), None)
    return first is not None and _REPLY_LABEL.fullmatch(first.get_text().strip()) is not None


def _without(place: str, reply: str) -> str:
    """A place that is not within a reply; unchanged if the reply has no name of its own."""
    if not reply or reply.startswith(":scope"):
        return place
    selector, at, attribute = place.partition("@")
    return f"{selector}:not({reply} *){at}{attribute}"


def place_of(tag: Tag, parent: str) -> str:
    """Selector of an element in its item."""
    kind = str(tag.get("itemprop") or "")
    if is_stable(kind):
        return f"[itemprop='{kind}']"
    classes = classes_of(tag)
    if classes or tag.name == "time":
        return f"{name_of(tag)}{classes}"
    before = len(tag.find_previous_siblings(tag.name))
    number = f":nth-of-type({before + 1})" if before else ""  # the first match counts anyway
    return f"{parent} > {name_of(tag)}{number}"


def _add_attributes(found: dict[str, Any], place: str, tag: Tag) -> None:
    for name, value in tag.attrs.items():
        text = value if isinstance(value, str) else " ".join(value)
        is_width = name == "style" and WIDTH.search(text)
        has_number = name == "class" and place and _DIGIT.search(text)
        is_own_id = name == "id" and not place
        if _ATTRIBUTES.fullmatch(name) or is_width or has_number or is_own_id:
            found.setdefault(f"{place}@{name}", text)


def name_of(tag: Tag) -> str:
    """The name in a selector; names such as ``o:p`` need escapes."""
    return soupsieve.escape(tag.name)


def classes_of(tag: Tag) -> str:
    """The classes of an element in a selector; empty if it has none that can be used."""
    return "".join(f".{name}" for name in _class_names(tag))


def _class_names(tag: Tag) -> list[str]:
    """The classes that are valid in a selector and may be the same in all items and pages."""
    return [name for name in tag.get_attribute_list("class") if is_stable(str(name or ""))]


def shared_classes(tags: Sequence[Tag]) -> list[str]:
    """The classes that all elements have."""
    return [
        name for name in _class_names(tags[0]) if all(name in _class_names(tag) for tag in tags)
    ]


def is_stable(name: str) -> bool:
    """Whether a class or id can be used in a selector and does not number the element."""
    return _NAME.fullmatch(name) is not None and not _DIGIT.search(name)
