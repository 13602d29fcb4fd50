"""Labels given to stored reviews by hand, in a separate table that no crawl changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import sqlalchemy as sa

from pipeline.reviews.tables import hand_labels


class HandLabel(NamedTuple):
    """The label of one review.

    Attributes:
        source: Name of the review's source.
        review_id: Id of the review within the source.
        aspect: Aspect of the review, empty for the whole review.
        label: ``NEGATIVE``, ``POSITIVE`` or ``NEUTRAL``.
        text_digest: :func:`text_digest` of the text that the label was given for.
    """

    source: str
    review_id: str
    aspect: str
    label: int
    text_digest: str

    @property
    def key(self) -> tuple[str, str]:
        """Review id and aspect: what identifies the review within its source."""
        return self.review_id, self.aspect

    def fits(self, text: str) -> bool:
        """Whether the label was given for this text; the author may have edited it since."""
        return self.text_digest == text_digest(text)


class Saved(NamedTuple):
    """Numbers of labels that are new, changed, or were already known."""

    new: int
    changed: int
    known: int


def text_digest(text: str) -> str:
    """Hash of a text, 32 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def read_labels(connection: sa.Connection, source: str) -> dict[tuple[str, str], HandLabel]:
    """The labels of a source by :attr:`HandLabel.key`, including labels of edited texts."""
    columns = [hand_labels.c[name] for name in HandLabel._fields]
    found = connection.execute(sa.select(*columns).where(hand_labels.c.source == source))
    labels = (HandLabel(*row) for row in found)
    return {label.key: label for label in labels}


def save_labels(connection: sa.Connection, labels: Sequence[HandLabel]) -> Saved:
    """Add labels; each replaces an earlier label of the same review if label or text differ."""
    sources = {label.source for label in labels}
    before = {source: read_labels(connection, source) for source in sources}
    new = [one for one in labels if one.key not in before[one.source]]
    differ = [one for one in labels if before[one.source].get(one.key, one) != one]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for one in differ:
        is_it = [hand_labels.c[name] == getattr(one, name) for name in HandLabel._fields[:3]]
        connection.execute(hand_labels.delete().where(*is_it))
    if rows := [{**one._asdict(), "given": now} for one in [*new, *differ]]:
        connection.execute(hand_labels.insert(), rows)
    return Saved(len(new), len(differ), len(labels) - len(new) - len(differ))
