"""Where a list ends: what its pages so far tell about a page without items."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.errors import SourceError
from pipeline.reviews.review import Review

_LIMIT = re.compile(
    r"(?:limit|size|count|rows|per_?page|display|take)[\]\"]*\s*[=:]\s*\"?(\d+)", re.IGNORECASE
)
"""Parameters that ask for a number of items a page."""
_ID_DIGITS = 40
_ASCENDING_SHARE = 0.8
"""Smallest share of ascending steps in a list that begins with the oldest reviews."""


@dataclass(frozen=True, kw_only=True)
class Trail:
    """What the pages of a list have shown so far.

    Attributes:
        frame: What surrounds the items, in the terms of the site's parser; empty if nothing does.
        pages: Number of pages with items.
        items: Number of items on them.
        page_size: Largest number of items on one of them.
        last: Number of items on the last of them.
        is_uneven: Whether a page with fewer items was followed by another one.
        path: Path of the URL of the last of them, after redirects.
        is_closed: Whether all of them were complete HTML documents.
        is_oldest_first: Whether the list begins with the oldest reviews.
        total: Number of reviews of the whole list as the first page counts them, 0 if unknown.
    """

    frame: str = ""
    pages: int = 0
    items: int = 0
    page_size: int = 0
    last: int = 0
    is_uneven: bool = False
    path: str = ""
    is_closed: bool = False
    is_oldest_first: bool = False
    total: int = 0

    def extended(
        self,
        items: int,
        frame: str,
        *,
        path: str = "",
        is_closed: bool = False,
        is_oldest_first: bool = False,
        total: int = 0,
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
            is_oldest_first=self.is_oldest_first if self.pages else is_oldest_first,
            total=self.total if self.pages else total,
        )

    @property
    def is_short(self) -> bool:
        """Whether the last page had fewer items than all others, as the last page of a list."""
        return self.last < self.page_size and not self.is_uneven

    def is_full(self, parameters: str) -> bool:
        """Whether the last page had as many items as a page holds.

        Args:
            parameters: Query and body of the request. A first page is known to be full only if
                one of its parameters is its number of items, such as ``limit=20``.
        """
        if self.last < self.page_size or self.is_uneven:
            return False
        return self.pages > 1 or str(self.page_size) in _LIMIT.findall(parameters)


def doubt_of(trail: Trail, what: str, *, parameters: str, is_linked: bool) -> str:
    """Judge a page without items that lacks the frame of its list.

    Args:
        trail: What the pages before have shown.
        what: URL and description of the page, for the message.
        parameters: Query and body of the request.
        is_linked: Whether a link on the page before led to the page.

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


def is_oldest_first(reviews: Sequence[Review]) -> bool:
    """Whether the dates of a page's reviews ascend, or their numeric ids if the dates are equal."""
    dates = [review.date for review in reviews if review.date]
    ids = [review.review_id for review in reviews if review.review_id.isdecimal()]
    for values in (dates, [one.zfill(_ID_DIGITS) for one in ids]):
        steps = [later > earlier for earlier, later in pairwise(values) if later != earlier]
        if steps:
            return len(steps) > 1 and sum(steps) >= _ASCENDING_SHARE * len(steps)
    return False
