"""The frame of an HTML list (the element around its items), and pages without items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

import soupsieve
from bs4 import BeautifulSoup, Tag

from pipeline.crawl.sites.base import Page, Request, canonical_url
from pipeline.crawl.sites.list_end import doubt_of
from pipeline.errors import SourceError

_ROOTS = {"body", "html", "[document]"}
_NO_CLASS = ":not([class])"
_HEAD_CHARACTERS = 4096
_END_OF_PAGE = re.compile(r"</html\s*>", re.IGNORECASE)


def frame_of(tags: Sequence[Tag]) -> str:
    """CSS selector of the innermost element that contains all items; empty for ``<body>``.

    The selector begins at the nearest ancestor with an id or class. Ids and classes with digits are
    left out, because they may differ from page to page.
    """
    around = {id(parent) for parent in tags[-1].parents}
    parts: list[str] = []
    for tag in tags[0].parents:
        if tag.name in _ROOTS:
            return " > ".join(["body", *parts]) if parts else ""
        if parts or id(tag) in around:
            names = _names(tag)
            parts.insert(0, f"{soupsieve.escape(tag.name)}{names}")
            if names and names != _NO_CLASS:
                break
    return " > ".join(parts)


def _names(tag: Tag) -> str:
    """Selector that matches the id and any one of the classes of an element."""
    identity, classes = str(tag.get("id") or ""), tag.get("class")
    names = [name for name in classes or () if not _has_digit(name)]
    found = f"#{soupsieve.escape(identity)}" if identity and not _has_digit(identity) else ""
    if names:
        return found + f":is({', '.join(f'.{soupsieve.escape(name)}' for name in names)})"
    return found or ("" if classes else _NO_CLASS)


def _has_digit(name: str) -> bool:
    return any(character.isdigit() for character in name)


def doubt_empty(soup: BeautifulSoup, request: Request, page: Page, *, has_next: bool) -> str:
    """Decide whether a page without items, after the first page, is the end of the list.

    Args:
        soup: The parsed page.
        request: Request of the page.
        page: The page.
        has_next: Whether the page links to a next page. Some sites show this link on all pages, so
            it counts only if the page before was full.

    Returns:
        Why the list may go on; empty if it ends here.

    Raises:
        SourceError: This is not a page of the list.
    """
    trail = request.trail
    if trail.frame and soupsieve.select_one(trail.frame + _weak(trail.frame), soup):
        goes_on = has_next and not trail.is_short
        after = f"no reviews after the first {trail.items:,}"
        return f"{page.url}: {after}, but the page links to a next page" if goes_on else ""
    if path_of(page.url) not in (path_of(request.url), trail.path):
        raise SourceError(
            f"{request.url} redirects to {page.url}, which has no reviews; "
            "check the page in a browser"
        )
    frame = f" and no element {trail.frame!r}" if trail.frame else ""
    return doubt_of(
        trail,
        f"{page.url}: no review{frame}",
        parameters=request.parameters,
        is_linked=request.is_linked,
    )


def _weak(frame: str) -> str:
    """For frames without an id or class: a selector that excludes forms, such as a login."""
    return ":not(:has(input, form))" if frame.startswith("body") else ""


def is_closed(page: Page) -> bool:
    """Whether the page ends with ``</html>``, or is a fragment without ``<html>``."""
    opens = "<html" in page.text[:_HEAD_CHARACTERS].lower()
    return not opens or _END_OF_PAGE.search(page.text) is not None


def doubt_cut(request: Request, page: Page, *, has_next: bool) -> str:
    """Why a page may be truncated; empty if it seems complete.

    Sites may leave ``</html>`` out. So a page without it is doubted only if the previous pages had
    it, or if it is the first page and has no link to a next page.
    """
    is_usual = has_next if request.number == 1 else not request.trail.is_closed
    if is_usual or is_closed(page):
        return ""
    return f"{page.url}: the page ends without </html>, it may be truncated"


def path_of(url: str) -> str:
    """The path of a URL, to recognize whether two URLs are the same page."""
    return urlsplit(canonical_url(url)).path.rstrip("/")
