"""The end of a list: whether a page without items is the end, judged by the previous pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pipeline.crawl.sites.list_order import NO_ORDER, Order
from pipeline.errors import SourceError

_LIMIT = re.compile(
    r"(?:limit|size|count|rows|per_?page|display|take|max_?results)[\]\"]*\s*[=:]\s*\"?(\d+)",
    re.IGNORECASE,
)
"""Parameters that set the number of items per page."""
_USUAL_SIZES = range(10, 1001, 5)
"""Usual numbers of items per page, used if no parameter sets the number."""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """What the pages of a list have shown so far.

    Attributes:
        frame: What surrounds the items, in a format of the site's parser; empty if nothing does.
        pages: Number of pages with items.
        items: Number of items on these pages.
        page_size: Largest number of items on one of these pages.
        last: Number of items on the last of these pages.
        is_uneven: Whether a page with fewer items was followed by another page with items.
        path: Path of the URL of the last of these pages, after redirects.
        is_closed: Whether all of these pages were complete HTML documents.
        order: How the reviews so far are sorted.
        total: Number of reviews in the whole list, from the path in the settings; 0 if unknown.
        counted: The same number as guessed from the first page; 0 if unknown.
    """

    frame: str = ""
    pages: int = 0
    items: int = 0
    page_size: int = 0
    last: int = 0
    is_uneven: bool = False
    path: str = ""
    is_closed: bool = False
    order: Order = NO_ORDER
    total: int = 0
    counted: int = 0

    @classmethod
    def of(cls, values: dict[str, Any]) -> Trail:
        """The trail with these values, as they are read from JSON."""
        return cls(**{**values, "order": Order(*values.get("order", ()))})

    def extended(
        self,
        items: int,
        frame: str,
        *,
        path: str = "",
        is_closed: bool = False,
        order: Order = NO_ORDER,
        total: int = 0,
        counted: int = 0,
    ) -> Trail:
        """The trail after one more page with items."""
        grew = bool(self.pages) and (items > self.last or self.last < self.page_size)
        return Trail(
            frame=frame or self.frame,
            pages=self.pages + 1,
            items=self.items + items,
            page_size=max(self.page_size, items),
            last=items,
            is_uneven=self.is_uneven or grew,
            path=path,
            is_closed=is_closed and (self.is_closed or not self.pages),
            order=self.order.extended(order),
            total=self.total if self.pages else total,
            counted=self.counted if self.pages else counted,
        )

    @property
    def is_short(self) -> bool:
        """Whether only the last page so far had fewer items, as at the end of a list."""
        return self.last < self.page_size and not self.is_uneven

    def is_full(self, parameters: str) -> bool:
        """Whether the last page had as many items as a page holds.

        Args:
            parameters: Query and body of the request. A single page counts as full only if one of
                the parameters equals its number of items, such as ``limit=20``.
        """
        if self.last < self.page_size or self.is_uneven:
            return False
        return self.pages > 1 or str(self.page_size) in _LIMIT.findall(parameters)


def looks_full(count: int, parameters: str, *, is_only_list: bool) -> bool:
    """Whether a first page has as many items as a page holds.

    Args:
        count: Number of its items.
        parameters: Query and body of the request.
        is_only_list: Whether the source has no other list; among many lists some have a usual
            number of items by chance.
    """
    asked = _LIMIT.findall(parameters)
    return str(count) in asked if asked else is_only_list and count in _USUAL_SIZES


def doubt_of(trail: Trail, what: str, *, parameters: str, is_linked: bool) -> str:
    """Decide whether a page without items and without the frame of its list is the list's end.

    Args:
        trail: What the previous pages have shown.
        what: URL and description of the page, for the message.
        parameters: Query and body of the request.
        is_linked: Whether the previous page linked to the page.

    Returns:
        Why the list may go on; empty if it ends here.

    Raises:
        SourceError: The list goes on, so the page is not a page of the list.
    """
    if not is_linked and trail.is_short:
        return ""
    if is_linked or (trail.frame and trail.is_full(parameters)):
        raise SourceError(f"{what}, but the list goes on; check the page in a browser")
    return f"{what}, the list may go on"
