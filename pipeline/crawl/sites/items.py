"""What all kinds of pages do with the reviews they found: identity, repeats, missing fields."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace

from pipeline.crawl.sites.base import Request
from pipeline.errors import SourceError
from pipeline.reviews.review import Review

DIGITS = 24


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a page.

    Attributes:
        reviews: What it holds, empty when it cannot be used.
        lacks: Which of ``id``, ``text`` and ``rating`` the settings name and it does not have.
    """

    reviews: Sequence[Review] = ()
    lacks: Set[str] = frozenset()

    @property
    def reason(self) -> str:
        """Why it cannot be used."""
        return "no id" if "id" in self.lacks else "no text"


def collect(items: Sequence[Item]) -> tuple[list[Review], Counter[str]]:
    """The reviews of a page, each once, and how many items could not be used and why.

    Of different reviews with the same identity the first is kept.
    """
    skipped = Counter(item.reason for item in items if not item.reviews)
    found: dict[tuple[str, str], Review] = {}
    for review in (review for item in items for review in item.reviews):
        if found.setdefault((review.review_id, review.aspect), review) != review:
            skipped["repeated id"] += 1
    return list(found.values()), skipped


def check_fields(items: Sequence[Item], request: Request, describe: Callable[[str], str]) -> None:
    """See that no field is missing from a whole page, as it is when a site has changed.

    A later page with a single item proves nothing.

    Args:
        items: All items of the page.
        request: What the page answers.
        describe: Says of a field under which name it was looked for and what was there instead.

    Raises:
        SourceError: All items lack the same field.
    """
    if len(items) >= 2 or (items and request.number == 1):
        for field in ("id", "text", "rating"):
            if all(field in item.lacks for item in items):
                raise SourceError(f"{request.url}: {describe(field)}")


def known_by_content(review: Review) -> Review:
    """The review with an identity made of group, date, rating, author and text.

    A vague date is left out: it is another day at each crawl.
    """
    day = "" if review.date_is_vague else review.date
    parts = (review.group, day, review.rating, review.author, review.text)
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
    return replace(review, review_id=f"sha256:{digest[:DIGITS]}")
