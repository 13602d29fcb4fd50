"""A review that an alert quotes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """A quote from a review; all its text is safe to put into a message.

    Attributes:
        quote: The text, or a piece of it.
        group: Name of the group, or its id if it has no name; may be empty.
        date: ISO date; may be empty.
        key: Identifies the alert in :class:`pipeline.alerts.sent.Sent`.
    """

    quote: str
    group: str
    date: str
    key: tuple[str, ...]

    @property
    def source(self) -> str:
        """Name of the review's source in the store."""
        return self.key[1]

    @property
    def origin(self) -> str:
        """Group and date in brackets; empty if there is neither."""
        return origin(self.group, self.date)

    def as_details(self) -> dict[str, Any]:
        """All but the key, as JSON-serializable data."""
        return {name: value for name, value in asdict(self).items() if name != "key"}


def origin(group: str, date: str) -> str:
    """Group and date of a quote in brackets; empty if there is neither."""
    known = ", ".join(filter(None, (group, date)))
    return f" ({known})" if known else ""
