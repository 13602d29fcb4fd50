"""The frame of a JSON list (the values around it in an answer), and answers without items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.crawl.parse.json_path import MISSING, keys, look_up
from pipeline.crawl.sites.base import Page, Parsed, Request
from pipeline.crawl.sites.list_end import Trail, looks_full
from pipeline.errors import SourceError

_STATUS = re.compile(r"(result|return|ret|error|err|status)?code|err(ors?)?|status|success|ok")
"""Keys of values that say whether the request succeeded; lower case, without underscores."""
_TOTAL = re.compile(r"total((item|element|result|review|hit|record)s?)?(count)?|numfound")
"""Keys of the number of items in the whole list; lower case, without underscores."""
_CURSOR = re.compile(r"next|cursor|continuation|hasmore|^after$")
"""Keys of values that lead to the next page; lower case, without underscores."""
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def frame_of(answer: Any, path: str) -> str:
    """The status values around the list at a path, and the keys beside it, as JSON."""
    status: dict[str, Any] = {}
    beside: list[list[str]] = []
    for depth, (level, inner) in enumerate(_levels(answer, path)):
        beside.append(sorted(key for key in level if key != inner))
        for key, value in level.items():
            if _STATUS.fullmatch(_plain(key)) and key != inner and value not in _EMPTY:
                status[f"{depth} {key}"] = "..." if isinstance(value, (dict, list)) else value
    return json.dumps([status, beside])


def end_of(answer: Any, path: str, request: Request, page: Page, *, has_next: bool) -> Parsed:
    """Decide whether an answer without items, after the first page, is the end of the list.

    Args:
        answer: The answer; its list is missing, null or empty.
        path: Path of the list.
        request: Request of the page.
        page: The page.
        has_next: Whether the answer has a cursor or URL of a next page.

    Returns:
        Content without reviews: with a doubt if the list may go on, unproved if it seems to end.

    Raises:
        SourceError: This is not a page of the list.
    """
    trail, value = request.trail, look_up(answer, path)
    status, beside = json.loads(trail.frame)
    status_now, beside_now = json.loads(frame_of(answer, path))
    levels = [(set(old), set(new)) for old, new in zip(beside, beside_now, strict=False)]
    differs = any(old and not old & new for old, new in levels)
    differs |= value is MISSING and any(new and not old for old, new in levels)
    if status != status_now or differs:
        raise SourceError(
            f"{page.url}: no reviews, and the response differs from the pages before: "
            f"{keys(answer)}; try again later"
        )
    total = counted(answer, path) or trail.counted
    if trail.is_short or (total - trail.items < trail.page_size and not has_next):
        is_proved = value == [] or trail.is_short or (0 < total <= trail.items)
        return Parsed(is_unproved=not is_proved)
    hint = "links to a next page" if has_next else f"reports {total:,} in total"
    return Parsed(
        doubt=f"{page.url}: no reviews after the first {trail.items:,}, but the response {hint}"
    )


def counted(answer: Any, path: str) -> int:
    """The largest total that the answer gives in the objects around its list; 0 if none."""
    return max((one for level, _ in _levels(answer, path) for one in _counts(level)), default=0)


def has_none(answer: Any, path: str, request: Request) -> bool:
    """Whether the first answer lacks the list because the list is empty.

    Some APIs leave out empty lists, and even counts that are zero.
    """
    if look_up(answer, path) is not MISSING:
        return False
    levels = [level for level, _ in _levels(answer, path)]
    if any(isinstance(value, list) for level in levels for value in level.values()):
        return False
    counts = [count for level in levels for count in _counts(level)]
    return max(counts, default=-1) == 0 or (answer == {} and bool(request.target))


def goes_on(answer: Any, path: str, count: int, request: Request) -> str:
    """Why a list seems to go on after its first page; empty if nothing says so.

    Args:
        answer: The first answer.
        path: Path of the list.
        count: Number of items on the page.
        request: Request of the page.
    """
    total = counted(answer, path)
    if total > count:
        return f"the response reports {total:,} reviews in total and has {count:,}"
    if total == count:
        return ""
    named = next(_cursors(answer, path), "")
    if named:
        return f"the response has {named!r}"
    if looks_full(count, request.parameters, is_only_list=not request.target):
        return f"the page seems to be full with {count:,} reviews"
    return ""


def _cursors(answer: Any, path: str) -> Iterator[str]:
    """Paths outside the list whose names and values look like those of a cursor or next URL."""
    rest = [("", answer)]
    while rest:
        where, value = rest.pop(0)
        for key, inner in value.items() if isinstance(value, dict) else ():
            place = f"{where}.{key}" if where else key
            if _CURSOR.search(_plain(key)) and inner not in (*_EMPTY, False, 0):
                yield place
            elif place != path:
                rest.append((place, inner))


def total_of(answer: Any, path: str) -> int:
    """The number of reviews of the whole list at a path; 0 if there is none."""
    total = look_up(answer, path) if path else MISSING
    return total if type(total) is int and total > 0 else 0


def difference(trail: Trail, request: Request) -> list[str]:
    """Notice at the end of a list whose number of reviews differs from the total of the site."""
    if trail.total in (0, trail.items):
        return []
    return [
        f"{request.place}: the site reports {trail.total:,} reviews in total, "
        f"the list has {trail.items:,}"
    ]


def _levels(answer: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects on the path to the list, each with the next key of the path."""
    for key in path.split(".") if path else [""]:
        if isinstance(answer, dict):
            yield answer, key
        answer = look_up(answer, key) if key else MISSING


def _counts(level: dict[str, Any]) -> list[int]:
    """The values of an object that look like the number of items in the whole list."""
    found = [value for key, value in level.items() if _TOTAL.fullmatch(_plain(key))]
    return [count for count in found if type(count) is int]


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
