"""Steps that all page parsers share: duplicate ids, missing fields, content-based ids."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from pipeline.crawl.sites.base import Request
from pipeline.errors import SourceError
from pipeline.reviews.review import Review

CONTENT_ID_DIGITS = 24
NO_DATES = "no review of a page has a date: check source.fields.date"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a list.

    Attributes:
        reviews: Reviews of the item, empty if it is unusable.
        lacks: Which of the configured fields ``id``, ``text``, ``rating`` and ``date`` the item
            lacks.
        unread: Values that are not understood, by kind: ``dates``, ``ratings``.
    """

    reviews: Sequence[Review] = ()
    lacks: Set[str] = frozenset()
    unread: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why the item is unusable."""
        return "no id" if "id" in self.lacks else "no text"


class Collected(NamedTuple):
    """Result of collecting the items of a page.

    Attributes:
        reviews: The distinct reviews.
        skipped: Number of skipped items by reason.
        unread: Kind and value of each value of the usable items that is not understood.
        notices: Messages for the user.
    """

    reviews: list[Review]
    skipped: Counter[str]
    unread: list[tuple[str, object]]
    notices: list[str]


def collect(items: Sequence[Item], request: Request, describe: Callable[[str], str]) -> Collected:
    """Check the items of a page and collect their reviews.

    If different reviews have the same id, the first is kept. Missing dates are no error, since not
    all sites show them, but a page without any is.

    Args:
        items: All items of the page.
        request: Request of the page.
        describe: Returns the error message for a missing field.

    Raises:
        SourceError: All items lack the same field.
    """
    _check_fields(items, request, describe)
    skipped = Counter(item.reason for item in items if not item.reviews)
    found: dict[tuple[str, str], Review] = {}
    for review in (review for item in items for review in item.reviews):
        if found.setdefault((review.review_id, review.aspect), review) != review:
            skipped["repeated id"] += 1
    usable = [item for item in items if item.reviews]
    unread = [pair for item in usable for pair in item.unread.items()]
    is_dateless = len(usable) >= 2 and all("date" in item.lacks for item in usable)
    return Collected(list(found.values()), skipped, unread, [NO_DATES] if is_dateless else [])


def settings_of(field: str) -> str:
    """The settings that find and read a field."""
    found = f"source.fields.{field}"
    return f"{found} and source.rating_pattern" if field == "rating" else found


def not_understood(**values: tuple[object, object]) -> dict[str, object]:
    """The values that are given but were not understood, by kind.

    Args:
        **values: Each kind with the value as written and as parsed.
    """
    return {
        kind: written
        for kind, (written, parsed) in values.items()
        if isinstance(written, str | int | float) and written != "" and parsed in ("", None)
    }


def _check_fields(items: Sequence[Item], request: Request, describe: Callable[[str], str]) -> None:
    """Raise if all items of a page lack the same field, a sign that the site has changed.

    A single item is checked only on the first page of a source without targets.
    """
    if len(items) >= 2 or (items and request.number == 1 and not request.target):
        for field in ("id", "text", "rating"):
            if all(field in item.lacks for item in items):
                raise SourceError(f"{request.url}: {describe(field)}")


def id_in_source(request: Request, review_id: str) -> str:
    """The id of a review, made distinct from ids in the lists of other targets."""
    return f"{request.target}:{review_id}" if request.target and review_id else review_id


def known_by_content(review: Review, sides: Mapping[str, str]) -> Review:
    """The review with a hash of group, date, rating, author and texts as its id.

    A vague date is excluded, because it changes from crawl to crawl. Many sites show a relative
    date for some days and the date itself afterwards: ``undated_id`` is the id without it.

    Args:
        review: The whole review.
        sides: The texts of its sides, see :mod:`pipeline.crawl.sites.sides`.
    """

    def id_of(day: str) -> str:
        whole = (review.group, day, review.rating, review.author, review.text)
        parts = chain(whole, *sides.items())
        digest = hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()
        return f"sha256:{digest[:CONTENT_ID_DIGITS]}"

    undated = id_of("")
    if review.date_is_vague or not review.date:
        return replace(review, review_id=undated)
    return replace(review, review_id=id_of(review.date), undated_id=undated)
