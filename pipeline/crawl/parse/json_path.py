"""Extraction of values from JSON responses by dotted paths."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from pipeline.bounded_json import load_json
from pipeline.errors import SourceError
from pipeline.reviews.review import storable

EXCERPT_CHARACTERS = 60
"""Length of excerpts of a response in error messages."""
_INDEX = re.compile(r"-?\d{1,9}", re.ASCII)
_GUARD = re.compile(r"\s*(?:\)\]\}',?|while\s*\(1\);|for\s*\(;;\);)\s*")
"""A prefix that some sites write before JSON, so that other sites cannot run it as a script."""


class Missing:
    """Type of ``MISSING``, the result for a path that does not exist (unlike ``null``)."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = Missing()


def parse_json(text: str, url: str, *, advice: str = "check the URL") -> Any:
    """Parse the body of a response as JSON, with or without a guard such as ``)]}'``.

    Args:
        text: The body.
        url: URL to name in the error.
        advice: What to do, for the error.

    Raises:
        SourceError: The body is not JSON.
    """
    try:
        return load_json(_GUARD.sub("", text.removeprefix("\ufeff"), count=1))
    except ValueError as error:
        raise SourceError(
            f"{url}: expected JSON, got {text[:EXCERPT_CHARACTERS]!r}: {advice}"
        ) from error


def look_up(value: Any, path: str) -> Any:
    """The value at a path such as ``data.items.0.text``, ``MISSING`` if it does not exist.

    ``-1`` is the last item of a list.
    """
    for key in path.split(".") if path else ():
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and _is_index(key, value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def put(value: Any, path: str, new: Any) -> None:
    """Set the value at a path; missing objects are added.

    Raises:
        TypeError: Nothing can be set there; the error names the key at which the path fails.
    """
    *parents, last = path.split(".")
    for key in parents:
        if isinstance(value, dict):
            value.setdefault(key, {})
        value = look_up(value, key)
        if not isinstance(value, dict | list):
            raise TypeError(repr(key))
    if isinstance(value, dict):
        value[last] = new
    elif _is_index(last, value):
        value[int(last)] = new
    else:
        raise TypeError(repr(last))


def _is_index(key: str, found: list[Any]) -> bool:
    return _INDEX.fullmatch(key) is not None and -len(found) <= int(key) < len(found)


def list_at(
    answer: Any, path: str, *, url: str, setting: str, single: Sequence[str] = ()
) -> list[Any]:
    """The list at a path; empty for ``null``.

    Args:
        answer: The parsed response.
        path: Dotted path; empty for the response itself.
        url: URL to name in the error.
        setting: Setting to name in the error.
        single: Paths in an item; an object that has one of them counts as a list of one item.

    Raises:
        SourceError: The path does not exist or is not a list.
    """
    value = look_up(answer, path)
    if value is None:
        return []
    if isinstance(value, dict) and any(look_up(value, one) is not MISSING for one in single):
        return [value]
    if not isinstance(value, list):
        where = f" at {path!r}" if path else ""
        inside = value if value is not MISSING else _deepest(answer, path)
        raise SourceError(f"{url}: expected a list{where}, got {keys(inside)}: check {setting}")
    return value


def keys(value: Any) -> str:
    """Description of a value for error messages: the keys of an object, else an excerpt."""
    if isinstance(value, dict):
        names = ", ".join(map(str, value))
        return f"an object with {names[: 5 * EXCERPT_CHARACTERS] or 'no keys'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return storable(repr(value)[:EXCERPT_CHARACTERS])


def text_of(value: Any) -> str:
    """The value if it is a string; empty for numbers, booleans and null.

    Raises:
        TypeError: The value is an object or a list.
    """
    if isinstance(value, (dict, list)):
        raise TypeError(keys(value))
    return storable(value) if isinstance(value, str) else ""


def name_of(value: Any) -> str:
    """An id or name, from a string or number; empty for other values."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return storable(value).strip() if isinstance(value, str) else ""


def date_of(value: Any) -> str | float:
    """The input of :func:`~pipeline.crawl.parse.dates.parse_date`; empty for other values.

    A list is a Java ``LocalDate`` or ``LocalDateTime``: year, month, day and maybe the time.
    """
    if isinstance(value, list) and len(value) >= 3 and all(type(one) is int for one in value):
        return "-".join(map(str, value[:3]))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return storable(value) if isinstance(value, str) else ""


def written_of(value: Any) -> str | float:
    """A value as messages show it: a description of objects and lists; empty without a value."""
    if isinstance(value, (dict, list)):
        return keys(value)
    return value if isinstance(value, (str, int, float)) else ""


def _deepest(value: Any, path: str) -> Any:
    """The last existing value on a path that does not exist."""
    for key in path.split("."):
        following = look_up(value, key)
        if following is MISSING:
            break
        value = following
    return value
