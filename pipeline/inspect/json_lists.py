"""Finds the list of reviews in JSON."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.inspect.fields import Fields, guess_fields
from pipeline.inspect.items import Items
from pipeline.inspect.names import is_of_other, is_of_reply
from pipeline.inspect.scan import MAX_DEPTH, Scan

MAX_ELEMENTS = 20
"""Number of elements of a list in which further lists are looked for."""
MAX_LISTS = 500
MAX_ITEMS = 200
_WRAPPERS = frozenset({"node", "review", "comment", "item", "data", "attributes"})
"""Objects that hold the values of an item."""


class JsonList(NamedTuple):
    """A list of reviews.

    Attributes:
        items: Dotted path of the list; empty for the JSON itself.
        fields: The fields; their places are dotted paths.
    """

    items: str
    fields: Fields


def find_json_list(answer: Any) -> JsonList | None:
    """The list in JSON that looks most like reviews; None if none does."""
    found: list[JsonList] = []
    for number, (path, items) in enumerate(_lists("", answer)):
        if number >= MAX_LISTS:
            break
        name = path.rpartition(".")[2]
        if (is_of_reply(name) or "comment" in name) and _is_within(path, found):
            continue
        if fields := guess_fields(_values(items[:MAX_ITEMS], are_replies=is_of_reply(name))):
            found.append(JsonList(path, fields))
    return max(found, key=lambda one: one.fields.quality, default=None)


def _values(items: Sequence[Mapping[str, Any]], *, are_replies: bool) -> Items:
    """The values of items; of several values with the same name, the outermost comes first."""
    scan, containers = Scan([], {}), set[str]()
    for item in items:
        leaves = _leaves("", item, containers)
        scan.add(
            {one: value for one, value in leaves if not _is_in_reply(one, are_replies=are_replies)}
        )
    for path in containers & scan.columns.keys():
        del scan.columns[path]
    paths = sorted(scan.columns, key=lambda one: one.count("."))
    scan.columns = {path: scan.columns[path] for path in paths}
    parents = {path: path.split(".")[:-1] for path in paths}
    own = [path for path in paths if _WRAPPERS.issuperset(parents[path])]
    return Items(
        scan,
        names=(
            {path: path for path in paths if not parents[path]},
            {path.rpartition(".")[2]: path for path in reversed(paths)},
            {path.partition(".")[0]: path for path in reversed(paths)},
        ),
        called={path: path.rpartition(".")[2] for path in paths},
        own=own,
        inner=[path for path in paths if path not in own],
        others=[path for path in paths if any(map(_is_other, path.split(".")))],
    )


def _is_within(path: str, lists: Sequence[JsonList]) -> bool:
    """Whether an item of another list has the list at a path."""
    return any(not one.items or path.startswith(f"{one.items}.") for one in lists)


def _is_in_reply(path: str, *, are_replies: bool) -> bool:
    """Whether a value of an item is that of a reply, to a reply if the items are replies."""
    *parents, name = path.split(".")
    return any(map(is_of_reply, parents if are_replies else (*parents, name)))


def _is_other(key: str) -> bool:
    return key not in _WRAPPERS and is_of_other(key)


def _leaves(path: str, item: Mapping[str, Any], containers: set[str]) -> Iterator[tuple[str, Any]]:
    """The values of an item by path; the paths of lists and objects are added to ``containers``."""
    for key, value in item.items():
        place = f"{path}.{key}" if path else key
        if not key or "." in key:
            continue
        if isinstance(value, dict | list):
            containers.add(place)
            if isinstance(value, dict) and place.count(".") < MAX_DEPTH:
                yield from _leaves(place, value, containers)
        else:
            yield place, value


def _lists(path: str, value: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """All lists of objects, the outer ones first."""
    rest = deque([(path, value)])
    while rest:
        path, value = rest.popleft()
        inner: list[tuple[str, Any]] = []
        if isinstance(value, list):
            items = [one for one in value if isinstance(one, dict)]
            if items and len(items) == len(value):
                yield path, items
            inner = [(str(number), one) for number, one in enumerate(value[:MAX_ELEMENTS])]
        elif isinstance(value, dict):
            inner = [(key, one) for key, one in value.items() if key and "." not in key]
        rest += [
            (f"{path}.{key}" if path else key, one)
            for key, one in inner
            if isinstance(one, dict | list)
        ]
