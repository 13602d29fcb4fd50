"""Decides when a crawl leaves a list before its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.crawl.page_cache import Remembered
from pipeline.crawl.queue import Begun
from pipeline.crawl.sites.base import Parsed, Request
from pipeline.crawl.summary import CrawlSummary
from pipeline.reviews.store import Status
from pipeline.settings import SiteSource

MAX_REPEATED_PAGES = 3
"""A list is left after this many consecutive pages that only repeat reviews of this crawl.

One or two such pages are normal: reviews written during the crawl push older ones to later pages.
"""


class Leaving:
    """Decides after each page whether the crawl follows its list further.

    A list is left after ``look_back`` known reviews in an incremental crawl, after
    ``MAX_REPEATED_PAGES`` and after ``max_pages``. A list that is not sorted from the newest to the
    oldest review may have new reviews anywhere, so known reviews do not end it.

    Args:
        settings: ``look_back`` and ``max_pages``.
        begun: The crawl.
    """

    def __init__(self, settings: SiteSource, begun: Begun) -> None:
        self._settings, self._begun = settings, begun

    def __repr__(self) -> str:
        return f"Leaving({self._begun})"

    def next_pages(
        self,
        request: Request,
        content: Parsed | Remembered,
        statuses: Sequence[Status],
        summary: CrawlSummary,
    ) -> list[Request]:
        """The next page of the list; empty at its end or where the crawl leaves it.

        Args:
            request: Request of the page.
            content: Content of the page.
            statuses: Status of each of its reviews.
            summary: Summary of the crawl; gets a notice if the list is left early.
        """
        following = content.next_page
        if following is None or (
            isinstance(content, Parsed) and not content.reviews and not content.skipped
        ):
            return []
        known, repeated, all_known = request.known, request.repeated + 1, False
        for status in statuses:
            if status != "repeated":
                repeated = 0
                known = known + 1 if status == "known" else 0
            all_known |= known >= self._settings.look_back
        if all_known and not (self._begun.full or request.full):
            problem = following.trail.order.problem
            if not problem:
                return []
            notice = f"{problem}: every crawl fetches all of its pages"
            if notice not in summary.notices:
                summary.notices.append(notice)
        if repeated >= MAX_REPEATED_PAGES:
            summary.notices.append(
                f"{request.url}: {repeated} pages in a row repeat earlier pages, "
                "the rest of the list is skipped"
            )
            summary.gaps += not self._begun.is_new
            return []
        if request.number >= self._settings.max_pages:
            limit = f"source.max_pages = {self._settings.max_pages}"
            summary.notices.append(
                f"{request.url}: stopped at {limit} before the end of the list; "
                "increase it to fetch more"
            )
            summary.is_cut = True
            return []
        number = request.number + 1
        return [
            replace(following, number=number, known=known, repeated=repeated, full=request.full)
        ]
