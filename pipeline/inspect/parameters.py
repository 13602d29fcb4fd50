"""Query parameters that lead through a list: page numbers, offsets and cursors."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote_plus, urlsplit, urlunsplit

_PAGE = re.compile(
    r"(?:[a-z]+_?)?page(?:_?(?:no|num|number|index|idx))?|p|pg|pn|pageno", re.IGNORECASE
)
_PAGE_SIZE = re.compile(r"(?:per|in|size|items)_?(?:per_?)?page", re.IGNORECASE)
_OFFSET = re.compile(r"(?:[a-z]+_?)?offset|start(?:_?(?:index|row|num))?|skip|from", re.IGNORECASE)
_CURSOR = re.compile(
    r".*cursor|after(?:_?id)?|(?:next_?)?page_?token|next(?:_?(?:key|id|token))?|continuation.*"
    r"|(?:last|max|since|before)_?(?:[a-z]+_?)?(?:id|no|seq|idx|key)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_PAGE_IN_PATH = re.compile(r"(?<![a-z])(?:page|pg|p)[/_-]?(\d{1,6})(?!\d)", re.IGNORECASE)


class PageParameter(NamedTuple):
    """A parameter that holds a page number, and its value."""

    name: str
    number: int


def page_parameter(url: str) -> PageParameter | None:
    """The parameter of a URL that holds a page number; None if there is none."""
    for name, value in parameters(url).items():
        if is_page(name) and _NUMBER.fullmatch(value):
            return PageParameter(name, int(value))
    return None


def parameters(url: str) -> dict[str, str]:
    """The query parameters of a URL."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def without(url: str, name: str) -> str:
    """A URL without a query parameter; the rest stays unchanged."""
    parts = urlsplit(url)
    pieces = parts.query.split("&")
    rest = [one for one in pieces if unquote_plus(one.partition("=")[0]) != name]
    return urlunsplit(parts._replace(query="&".join(rest)))


def is_page(name: str) -> bool:
    """Whether a name is that of a page number."""
    return _PAGE.fullmatch(name) is not None and _PAGE_SIZE.fullmatch(name) is None


def is_offset(name: str) -> bool:
    """Whether a name is that of the number of items to skip."""
    return _OFFSET.fullmatch(name) is not None


def is_cursor(name: str) -> bool:
    """Whether a name is that of a cursor."""
    return _CURSOR.fullmatch(name) is not None


def leads_on(url: str, target: str) -> bool:
    """Whether a link of a list leads to the page after the current one, as far as it tells.

    On the same path, only a page number, an offset or a cursor differs; on another one, a page
    number is added or is one higher.

    Args:
        url: Address of the current page.
        target: Address of the link.
    """
    own, other = urlsplit(url), urlsplit(target)
    if (own.scheme, own.netloc) != (other.scheme, other.netloc):
        return False
    if own.path != other.path:
        return _leads_on_by_path(url, target)
    old, new = parameters(url), parameters(target)
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return bool(differing) and all(_goes_up(one, old.get(one), new.get(one)) for one in differing)


def _goes_up(name: str, old: str | None, new: str | None) -> bool:
    if is_page(name):
        before = {int(old)} if old and _NUMBER.fullmatch(old) else {0, 1}
        return bool(new and _NUMBER.fullmatch(new)) and int(new or 0) - 1 in before
    if is_offset(name) and new and _NUMBER.fullmatch(new):
        return int(new) > (int(old) if old and _NUMBER.fullmatch(old) else 0)
    return is_cursor(name) and bool(new)


def _leads_on_by_path(url: str, target: str) -> bool:
    old, new = _PAGE_IN_PATH.search(urlsplit(url).path), _PAGE_IN_PATH.search(urlsplit(target).path)
    if old and new:
        rest = [_PAGE_IN_PATH.sub("", urlsplit(one).path) for one in (url, target)]
        return rest[0] == rest[1] and int(new[1]) == int(old[1]) + 1
    before, after = _numbers(url), _numbers(target)
    return not before - after and list((after - before).elements()) == ["2"]


def _numbers(url: str) -> Counter[str]:
    parts = urlsplit(url)
    return Counter(re.findall(r"\d+", f"{parts.path}?{parts.query}"))
