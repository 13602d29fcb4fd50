"""Ids of the rows of a file: unique ones, and ``row 17`` for rows without an id."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence
from itertools import groupby

import numpy as np
import sqlalchemy as sa

from pipeline.reviews.review import Review, storable
from pipeline.reviews.store import Store
from pipeline.reviews.tables import stored_reviews

PREFIX = "row "
DIGEST_BYTES = 8
BATCH_ROWS = 10_000

Texts = Sequence[tuple[str, str]]
"""Aspect and text of the parts of a review."""


class RowIds:
    """Gives each row the id that its texts have in the store, wherever the row is now.

    An export often has its newest rows on top. If the ids were the places of the rows, each review
    would get the id of another one, and with it that review's label given by hand.

    Args:
        digests: Digest of the texts of each stored review, see :func:`_digest`.
        numbers: Number of the id of each.
    """

    def __init__(self, digests: Sequence[int] = (), numbers: Sequence[int] = ()) -> None:
        known, ids = np.array(digests, np.uint64), np.array(numbers, np.int64)
        order = np.lexsort((ids, known))
        self._digests, self._numbers = known[order], ids[order]
        self._given = np.zeros(len(order), np.int32)
        self._next = int(self._numbers.max(initial=0)) + 1

    @classmethod
    def of_store(cls, store: Store, source: str) -> RowIds:
        """The ids of the rows of a file in an earlier crawl."""
        columns = [stored_reviews.c[name] for name in ("review_id", "aspect", "text")]
        query = sa.select(*columns).where(
            stored_reviews.c.source == source, stored_reviews.c.review_id.startswith(PREFIX)
        )
        digests, numbers = array("Q"), array("q")
        with store.database.reading() as connection:
            streamed = connection.execution_options(yield_per=BATCH_ROWS)
            rows = streamed.execute(query.order_by(*columns[:2]))
            for name, parts in groupby(rows, key=lambda row: str(row.review_id)):
                if (number := name.removeprefix(PREFIX)).isdecimal():
                    digests.append(_digest([(one.aspect, one.text) for one in parts]))
                    numbers.append(int(number))
        return cls(digests, numbers)

    def of(self, parts: Sequence[Review], place: int) -> str:
        """The id of a review.

        Args:
            parts: The review and its sides, see :mod:`pipeline.crawl.sites.sides`.
            place: Number of its row, from 1, which becomes the number of the id if there is no
                earlier crawl. Rows that are added later are numbered on.
        """
        digest = np.uint64(_digest([(one.aspect, storable(one.text)) for one in parts]))
        first = int(np.searchsorted(self._digests, digest))
        if first < len(self._digests):
            same = first + int(self._given[first])
            if same < len(self._digests) and self._digests[same] == digest:
                self._given[first] += 1
                return f"{PREFIX}{self._numbers[same]}"
        number = max(self._next, place)
        self._next = number + 1
        return f"{PREFIX}{number}"


class UniqueIds:
    """Makes the ids of a file's rows unique, and recognizes rows that are there more than once."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._others: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self._first)

    def of(self, review_id: str, texts: Sequence[str], review: Review) -> str | None:
        """The id, with a suffix (``#2``) if another row has it; None for a row that was there.

        Args:
            review_id: Id of the row.
            texts: Texts of the review and its sides.
            review: The review.
        """
        own = hash((*texts, review.rating, review.label, review.date, review.group))
        if review_id not in self._first:
            self._first[review_id] = own
            return review_id
        others = self._others.setdefault(review_id, set())
        if own == self._first[review_id] or own in others:
            return None
        others.add(own)
        return f"{review_id}#{len(others) + 1}"


def _digest(texts: Texts) -> int:
    joined = "\0".join(part for one in sorted(texts) for part in one)
    content = joined.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest())
