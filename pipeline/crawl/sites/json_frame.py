"""What surrounds the items in a JSON answer, and answers that lack items."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pipeline.crawl.parse.json_path import MISSING, keys, look_up
from pipeline.crawl.sites.base import Page, Request
from pipeline.crawl.sites.list_end import Trail, doubt_of
from pipeline.errors import SourceError

_STATUS = re.compile(r"(result|return|ret|error|err|status)?code|err(ors?)?|status|success|ok")
"""Names of values that say whether the request succeeded, without case and underscores."""
_TOTAL = re.compile(r"total((item|element|result|review|hit|record)s?)?(count)?|numfound")
"""Names of the number of items in the whole list, without case and underscores."""
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


def doubt_empty(answer: Any, path: str, request: Request, page: Page, *, has_next: bool) -> str:
    """Judge an answer whose list is missing, null or empty, after the first page.

    Args:
        answer: The answer.
        path: Path of the list.
        request: Request of the page.
        page: The page.
        has_next: Whether the answer has a cursor or URL of a next page.

    Returns:
        Why the list may go on; empty if it ends here.

    Raises:
        SourceError: This is not a page of the list.
    """
    trail, value = request.trail, look_up(answer, path)
    status, beside = json.loads(trail.frame)
    status_now, beside_now = json.loads(frame_of(answer, path))
    levels = zip(beside, beside_now, strict=False)
    if status != status_now or any(old and not set(old) & set(new) for old, new in levels):
        raise SourceError(
            f"{page.url}: no reviews and another answer than on the pages before, {keys(answer)}; "
            "try again later"
        )
    if value != []:
        what = f"{page.url}: the list is {'missing' if value is MISSING else 'null'}"
        return doubt_of(trail, what, parameters=request.parameters, is_linked=False)
    total = max((_total(level) for level, _ in _levels(answer, path)), default=0)
    if trail.is_short or (total - trail.items < trail.page_size and not has_next):
        return ""
    hint = "links to a further page" if has_next else f"counts {total:,} reviews"
    return f"{page.url}: no reviews after {trail.items:,}, but the answer {hint}"


def total_of(answer: Any, path: str) -> int:
    """The number of reviews of the whole list at a path; 0 if there is none."""
    total = look_up(answer, path) if path else MISSING
    return total if type(total) is int and total > 0 else 0


def difference(trail: Trail, request: Request) -> list[str]:
    """What to say at the end of a list that gave another number than its first page counts."""
    if trail.total in (0, trail.items):
        return []
    return [
        f"{request.place}: the site counts {trail.total:,} reviews, the list gave {trail.items:,}"
    ]


def _levels(answer: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects on the way to the list, each with the key that leads on."""
    for key in path.split(".") if path else [""]:
        if isinstance(answer, dict):
            yield answer, key
        answer = look_up(answer, key) if key else MISSING


def _total(level: dict[str, Any]) -> int:
    counts = [value for key, value in level.items() if _TOTAL.fullmatch(_plain(key))]
    return max((count for count in counts if type(count) is int), default=0)


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
