"""Values within a JSON answer, found by paths of keys."""

from __future__ import annotations

import json
import math
from typing import Any, Final

from pipeline.crawl.parse.ratings import parse_rating, rounded
from pipeline.errors import SourceError
from pipeline.reviews.review import storable

SHOWN = 60
"""Characters of an answer that a message shows."""


class Missing:
    """What a path that leads nowhere finds; ``null`` is a value."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = Missing()


def parse_json(text: str, url: str) -> Any:
    """The value of a JSON text.

    Raises:
        SourceError: It is no JSON.
    """
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{url} answered with no JSON but {text[:SHOWN]!r}: check the address"
        ) from error


def look_up(value: Any, path: str) -> Any:
    """What lies at a path such as ``data.items.0.text``; ``MISSING`` where it leads nowhere."""
    for key in path.split(".") if path else ():
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return MISSING
    return value


def list_at(answer: Any, path: str, *, url: str, setting: str) -> list[Any]:
    """The list at a path; empty for ``null``.

    Raises:
        SourceError: There is something else, or nothing.
    """
    value = look_up(answer, path)
    if value is None:
        return []
    if not isinstance(value, list):
        where = f"at {path!r}" if path else "as its answer"
        inside = value if value is not MISSING else _furthest(answer, path)
        raise SourceError(f"{url} has no list {where} but {keys(inside)}: check {setting}")
    return value


def keys(value: Any) -> str:
    """What there is, for a message: the keys of an object, or the beginning of another value."""
    if isinstance(value, dict):
        names = ", ".join(map(str, value))
        return f"an object with {names[: 5 * SHOWN] or 'no keys'}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return storable(repr(value)[:SHOWN])


def text_of(value: Any) -> str:
    """A text; empty for a value that is none.

    Raises:
        TypeError: It is an object or a list.
    """
    if isinstance(value, (dict, list)):
        raise TypeError(keys(value))
    return storable(value) if isinstance(value, str) else ""


def name_of(value: Any) -> str:
    """An identity or a name, given as text or number; empty for another value."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return storable(value).strip() if isinstance(value, str) else ""


def rating_of(value: Any) -> float | None:
    """A rating, given as number or text; None for another value."""
    if isinstance(value, str):
        return parse_rating(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return rounded(float(value))
    except OverflowError:
        return None


def date_of(value: Any) -> str | float:
    """A date as :func:`~pipeline.crawl.parse.dates.parse_date` takes it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return storable(value) if isinstance(value, str) else ""


def _furthest(value: Any, path: str) -> Any:
    """The last value on a path that leads nowhere."""
    for key in path.split("."):
        following = look_up(value, key)
        if following is MISSING:
            break
        value = following
    return value
