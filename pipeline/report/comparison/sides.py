"""The two sides of a comparison: resolves their names, and selects their reviews."""

from __future__ import annotations

import difflib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import InputError
from pipeline.report.comparison.spans import FORMS, Span, read_span

Kind = Literal["group", "source", "period"]
KINDS: tuple[Kind, ...] = ("group", "source", "period")
NEAR = 3
"""Maximum number of similar names that are suggested for an unknown name."""


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    Attributes:
        kind: Whether it is a group, a source or a period.
        name: Name of the group or source; for a period, the text that the user wrote.
        span: The days of a period; None for a group or source.
    """

    kind: Kind
    name: str
    span: Span | None = None

    def holds(self, reviews: pa.Table) -> pa.ChunkedArray:
        """Mask of the side's reviews, given the columns ``group``, ``source`` and ``date``."""
        if self.span:
            is_early = pc.greater_equal(reviews["date"], self.span.first)
            return pc.and_(is_early, pc.less_equal(reviews["date"], self.span.last))
        return pc.equal(reviews[self.kind], self.name)


class Names:
    """The names that a comparison can use.

    Args:
        reviews: One row for each review, with ``group``, ``source`` and ``date``.
        ids: Id and name of each group that has both.
    """

    def __init__(self, reviews: pa.Table, ids: Iterable[tuple[str, str]]) -> None:
        self._names: Mapping[Kind, dict[str, set[str]]] = {
            "group": defaultdict(set),
            "source": defaultdict(set),
        }
        for kind, known in self._names.items():
            for name in pc.unique(reviews[kind]).to_pylist():
                if name:
                    known[_plain(name)].add(name)
        self._ids: dict[str, set[str]] = defaultdict(set)
        for key, name in ids:
            if key and name in self._names["group"].get(_plain(name), ()):
                self._names["group"][_plain(key)].add(name)
                self._ids[name].add(key)
        days = pc.min_max(reviews.filter(pc.not_equal(reviews["date"], ""))["date"]).as_py()
        self.oldest, self.newest = days["min"] or "", days["max"] or ""

    def find(self, text: str) -> Side:
        """The side that a user named.

        Args:
            text: A name, or its kind and the name: ``group:2026``.

        Raises:
            InputError: There is no such name, or it is ambiguous.
        """
        kind, _, rest = text.partition(":")
        of_kind = [one for one in KINDS if one == kind]
        found = [side for one in of_kind for side in self._of(one, rest)]
        if not found:
            found = [side for one in KINDS for side in self._of(one, text)]
        if len(found) == 1:
            ids = self._ids.get(found[0].name, set())
            if len(ids) > 1 and ids & {text, rest}:
                raise InputError(
                    f"--compare: groups {' and '.join(sorted(ids))} are both called "
                    f"{found[0].name!r}; write that name for all, or give them different names"
                )
            return found[0]
        if found:
            ways = " or ".join(sorted({f"{side.kind}:{side.name}" for side in found}))
            raise InputError(f"--compare: {text!r} is ambiguous: write {ways}")
        raise InputError(f"--compare: {self._unknown(text)}")

    def _of(self, kind: Kind, text: str) -> list[Side]:
        if kind == "period":
            span = read_span(text, self.newest)
            return [Side(kind, text.strip(), span)] if span else []
        known = self._names[kind].get(_plain(text), set())
        return [Side(kind, name) for name in sorted({text} & known or known)]

    def _unknown(self, text: str) -> str:
        if read_span(text, "2026-01-01") and not self.newest:
            return f"{text!r} is a period, but no review has a date"
        every = {
            kind: {name for names in known.values() for name in names}
            for kind, known in self._names.items()
        }
        near = difflib.get_close_matches(text, sorted(set().union(*every.values())), NEAR, 0.5)
        problem = f"no group, source or period is called {text!r}"
        if near:
            return f"{problem}; did you mean {' or '.join(map(repr, near))}?"
        known = ", ".join(map(repr, sorted(every["group"])[:NEAR])) or "no groups"
        return f"{problem}; the last run has {known}, and periods are written {FORMS}"


def _plain(name: str) -> str:
    """A name with normalized spacing, case and Unicode form."""
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def find_sides(reviews: pa.Table, ids: Iterable[tuple[str, str]], a: str, b: str) -> list[Side]:
    """The two sides that a user named.

    Args:
        reviews: One row for each review, with ``group``, ``source`` and ``date``.
        ids: Id and name of each group that has both.
        a: Name of the first side.
        b: Name of the second side; empty for the period before the first one.

    Raises:
        InputError: A name is unknown or ambiguous, a side is empty, or both share reviews.
    """
    names = Names(reviews, ids)
    first = names.find(a)
    if not b and not first.span:
        raise InputError(f"--compare {a!r} needs a second name; only a period can stand alone")
    second = names.find(b) if b or not first.span else Side("period", "", first.span.before())
    sides = [first, second]
    masks = [side.holds(reviews) for side in sides]
    for side, mask, name in zip(sides, masks, (a, b or f"the period before {a}"), strict=True):
        if not pc.any(mask).as_py():
            span = side.span
            dates = f"{names.oldest} to {names.newest}" if names.newest else "none"
            days = f" ({span.first} to {span.last})" if span and not span.key else ""
            raise InputError(f"--compare: no reviews of {name!r}{days}; dates of reviews: {dates}")
    shared = pc.sum(pc.and_(*masks)).as_py() or 0
    if shared:
        raise InputError(
            f"--compare: {a!r} and {b!r} share {shared:,} reviews; "
            "choose two without common reviews"
        )
    return sides
