"""Finds the list of reviews in JSON."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.inspect.fields import Fields, guess_fields
from pipeline.inspect.scan import Scan

MAX_ELEMENTS = 20
"""Number of elements of a list in which further lists are looked for."""
MAX_LISTS = 500
MAX_ITEMS = 200


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
    found = []
    for number, (path, items) in enumerate(_lists("", answer)):
        if number >= MAX_LISTS:
            break
        scan = Scan([], {})
        for item in items[:MAX_ITEMS]:
            scan.add(item)
        ends = {path.rpartition(".")[2]: path for path in reversed(scan.columns)}
        begins = {path.partition(".")[0]: path for path in reversed(scan.columns)}
        if fields := guess_fields(scan, ends, begins):
            found.append(JsonList(path, fields))
    return max(found, key=lambda one: one.fields.quality, default=None)


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
