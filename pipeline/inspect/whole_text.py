"""Finds the elements that hold the whole text of a review, not only its first paragraph."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import soupsieve
from bs4 import Tag
from bs4.element import NavigableString

from pipeline.crawl.parse.html_text import visible_text
from pipeline.inspect.html_parts import classes_of, is_called_reply, place_of
from pipeline.inspect.names import is_of_person
from pipeline.inspect.scan import HANGUL

MIN_PARAGRAPH = 10
"""Minimum mean length of what precedes a text to be a paragraph of it, and not a name."""
_PARAGRAPHS = frozenset({"p", "div", "span", "blockquote"})
_NOT_SHOWN = frozenset({"script", "style", "template", "noscript"})


class _Part(NamedTuple):
    """A part of the text of an item."""

    item: Tag
    tag: Tag
    parent: Tag

    @property
    def beside(self) -> list[Tag]:
        """The elements with a text within the parent."""
        return [one for one in self.parent.children if isinstance(one, Tag) and _letters(one)]

    @property
    def is_mixed(self) -> bool:
        """Whether the parent has a text of its own, other than a heading."""
        strings = [str(one).strip() for one in self.parent.children if type(one) is NavigableString]
        return any(HANGUL.search(one) and not one.endswith(":") for one in strings)

    @property
    def is_among_paragraphs(self) -> bool:
        """Whether the parent has only paragraphs."""
        return self.tag.name in _PARAGRAPHS and all(map(self._is_alike, self.beside))

    def _is_alike(self, other: Tag) -> bool:
        return (other.name, classes_of(other)) == (self.tag.name, classes_of(self.tag))


def whole_text(tags: Sequence[Tag], place: str, others: Collection[str]) -> list[str]:
    """The places that together hold the whole text of a review.

    Args:
        tags: The elements of the items.
        place: Place of the longest text.
        others: Places of the other fields.
    """
    if "@" in place:
        return [place]
    while outer := _outer(tags, place, others):
        place = outer
    return _with_hidden(tags, place)


def _outer(tags: Sequence[Tag], place: str, others: Collection[str]) -> str:
    """The place of the element around a part of a text, if it holds only this text; else empty."""
    parts = list(_parts(tags, place))
    paths = {_path(one.parent, one.item) for one in parts}
    if len(paths) != 1 or any(one.parent is one.item for one in parts):
        return ""
    (path,) = paths
    if any(soupsieve.select_one(path, one.item) is not one.parent for one in parts):
        return ""
    has_more = any(one.is_mixed or len(one.beside) > 1 for one in parts)
    if not has_more and classes_of(parts[0].tag):
        return ""
    is_one = all(one.is_mixed or one.is_among_paragraphs or one.parent.name == "p" for one in parts)
    is_own = not any(_holds_other(one, others) for one in parts)
    return path if is_one and is_own and _begins_with_text(parts) else ""


def _parts(tags: Sequence[Tag], place: str) -> Iterator[_Part]:
    for item in tags:
        tag = soupsieve.select_one(place, item)
        if tag is not None and tag.parent is not None:
            yield _Part(item, tag, tag.parent)


def _path(tag: Tag, item: Tag) -> str:
    if tag is item or tag.parent is None:
        return ":scope"
    return place_of(tag, _path(tag.parent, item))


def _holds_other(part: _Part, others: Collection[str]) -> bool:
    """Whether the parent has another field, a person or a reply."""
    within = {id(part.parent), *map(id, part.parent.find_all(True))}
    selectors = filter(None, (one.partition("@")[0] for one in others))
    found = (soupsieve.select_one(one, part.item) for one in selectors)
    if any(id(one) in within for one in found if one is not None):
        return True
    names = {
        str(name) for one in part.parent.find_all(True) for name in one.get_attribute_list("class")
    }
    return any(is_of_person(name) or is_called_reply(name) for name in names)


def _begins_with_text(parts: Sequence[_Part]) -> bool:
    """Whether what precedes the part is a text too, and not for instance a name."""
    before = [
        len(_letters(other))
        for one in parts
        for other in one.tag.find_previous_siblings(True)
        if not one.is_mixed and _letters(other)
    ]
    return not before or sum(before) / len(before) >= MIN_PARAGRAPH


def _with_hidden(tags: Sequence[Tag], place: str) -> list[str]:
    """A place, and that of the rest of its text that the page hides until a click."""
    for part in _parts(tags, place):
        shown = "".join(visible_text(part.tag).split())
        for inner in part.tag.find_all(True):
            rest = _letters(inner)
            is_hidden = inner.name not in _NOT_SHOWN and rest not in shown
            if not is_hidden or not HANGUL.search(rest):
                continue
            hidden = _path(inner, part.item)
            if rest.startswith(shown[:MIN_PARAGRAPH]):  # the whole text again
                return [f"{place}:not(:has({hidden}))", hidden]
            return [place, hidden]
    return [place]


def _letters(tag: Tag) -> str:
    return "".join(tag.get_text().split())
