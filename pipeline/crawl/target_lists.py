"""The list of each target of a source, with its own record of whether it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import sqlalchemy as sa

from pipeline.crawl.history import lists
from pipeline.crawl.queue import Begun
from pipeline.crawl.sites.base import Request
from pipeline.reviews.tables import stored_reviews

BATCH = 500
"""Number of lists that are started in one transaction."""


class TargetLists:
    """The lists of a source's targets in one crawl.

    A list is fetched in full if its own last crawl was not complete, independent of other lists.
    Methods take a connection and run in the caller's transaction.

    Args:
        source: Name of the source.
        plan: Hash of the settings of the crawl.
        begun: The crawl.
    """

    def __init__(self, source: str, plan: str, begun: Begun) -> None:
        self._source, self._plan, self._begun = source, plan, begun
        self._of_crawl = (lists.c.source == source) & (lists.c.crawl == begun.crawl)

    def __repr__(self) -> str:
        return f"TargetLists({self._source!r}, crawl={self._begun.crawl})"

    def enter(self, connection: sa.Connection, requests: Sequence[Request]) -> list[Request]:
        """Start the lists of some first requests; returns the requests with ``full`` set."""
        names = [request.target for request in requests]
        of_source = lists.c.source == self._source
        query = sa.select(lists.c.target, lists.c.crawl, lists.c.full, lists.c.complete)
        found = connection.execute(query.where(of_source, lists.c.target.in_(names)))
        known = {row.target: row for row in found}
        full = {
            name: row.full if row.crawl == self._begun.crawl else not row.complete
            for name, row in known.items()
        }
        begun = {"crawl": self._begun.crawl, "complete": False} | dict.fromkeys(_TROUBLES, False)
        key = {"source": self._source}
        again = [
            {"name": name, "whole": full[name] or self._begun.full}
            for name, row in known.items()
            if row.crawl != self._begun.crawl
        ]
        if again:
            one = lists.update().where(of_source, lists.c.target == sa.bindparam("name"))
            connection.execute(one.values(full=sa.bindparam("whole"), **begun), again)
        new = dict.fromkeys(name for name in names if name not in known)
        if new:
            row = key | begun | {"full": True, "proved": 0, "plan": ""}
            connection.execute(lists.insert(), [row | {"target": name} for name in new])
        return [replace(request, full=full.get(request.target, True)) for request in requests]

    def note(self, connection: sa.Connection, target: str, **troubles: bool) -> None:
        """Record that a list has ``failed``, is ``doubtful`` or was ``cut``."""
        if values := {name: True for name, is_true in troubles.items() if is_true}:
            one = lists.update().where(self._of_crawl, lists.c.target == target)
            connection.execute(one.values(**values))

    def retry_failed(self, connection: sa.Connection) -> None:
        """Forget the failures of an interrupted crawl, whose pages are fetched again."""
        connection.execute(lists.update().where(self._of_crawl).values(failed=False))

    def finish(self, connection: sa.Connection) -> None:
        """Record which lists this crawl has completed."""
        is_complete = ~(lists.c.failed | lists.c.doubtful)
        connection.execute(lists.update().where(self._of_crawl).values(complete=is_complete))

    def prove(self, connection: sa.Connection) -> None:
        """Record the lists of which this crawl has seen every review."""
        seen = lists.update().where(self._of_crawl, *_SEEN)
        connection.execute(seen.values(proved=self._begun.crawl, plan=self._plan))

    @property
    def seen(self) -> sa.Select[Any]:
        """Query of the targets of which this crawl has seen every review."""
        return sa.select(lists.c.target).where(self._of_crawl, *_SEEN)

    @property
    def proof(self) -> sa.ScalarSelect[Any]:
        """Query, per stored review, of the last crawl recorded by :meth:`prove` for its list."""
        proved = sa.select(lists.c.proved).where(
            lists.c.source == self._source,
            lists.c.target == stored_reviews.c.group,
            lists.c.plan == self._plan,
        )
        return proved.correlate(stored_reviews).scalar_subquery()


_TROUBLES = ("failed", "doubtful", "cut")
_SEEN = (lists.c.full, lists.c.complete, ~lists.c.cut)


def in_batches(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """The requests in batches of up to ``BATCH``."""
    rest = iter(requests)
    while batch := list(islice(rest, BATCH)):
        yield batch
