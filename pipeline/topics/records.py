"""Types of the content of ``topics.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import TypeAdapter

from pipeline.errors import WorkspaceError

SCHEMA_VERSION = 1
"""Incremented when a key changes its name, place or meaning."""

PeriodUnit = Literal["week", "month", "quarter", "year", ""]
FactKind = Literal["most_praised", "most_criticised", "changed", "worst_group", "hidden"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An estimate with its 95 % confidence interval.

    Attributes:
        value: The estimate.
        low: Lower bound.
        high: Upper bound.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """A period, group or source and its reviews.

    Attributes:
        key: Id of the group, name of the source, or the period: ``2026``, ``2026-Q4``,
            ``2026-11``, or the Monday that a week begins with, ``2026-11-23``.
        name: Display name; the key if there is no other name.
        reviews: Number of reviews.
        negative: Number of these reviews that are judged negative as a whole.
    """

    key: str
    name: str
    reviews: int
    negative: int


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The mentions of a topic in one period or group.

    Attributes:
        key: Key of the :class:`Part`.
        mentions: Number of reviews that mention the topic.
        negative: Number of these reviews that are judged negative at the mention.
    """

    key: str
    mentions: int
    negative: int


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Changes between the last two periods.

    Attributes:
        before: Key of the earlier period.
        after: Key of the last period.
        complaint_change: Change of the share of complaint among mentions, -1 to 1; None if
            either period has too few mentions.
        mention_change: Change of the share of reviews that mention the topic, -1 to 1.
    """

    before: str
    after: str
    complaint_change: Interval | None
    mention_change: Interval


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A short piece of a review around a mention.

    Attributes:
        source: Name of the source.
        review_id: Id of the review.
        aspect: Aspect of the review that the text belongs to; empty for the whole review.
        group: Name of the group, or its id if it has no name; may be empty.
        date: ISO date; may be empty.
        rating: On the source's scale; None without a rating.
        positive: Probability that the mention is positive.
        text: The piece, with ``…`` where it was cut.
        spans: Begin and end of each occurrence of the topic in ``text``, in characters.
    """

    source: str
    review_id: str
    aspect: str
    group: str
    date: str
    rating: float | None
    positive: float
    text: str
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """A topic that reviews talk about.

    A review counts once, however often it mentions the topic.

    Attributes:
        name: The most frequent spelling.
        variants: Other spellings and near-identical words that were merged, most frequent first.
        aspect: The source's aspect, or the name of the topic's cluster if there are no aspects.
        mentions: Number of reviews that mention it; the sum of the next three.
        positive: Reviews that judge it positively at the mention.
        negative: Reviews that judge it negatively at the mention.
        neutral: Reviews that do neither.
        complaint_share: ``negative / mentions`` with Wilson's interval.
        lift: The share of complaint divided by that of all topics' mentions; None if that is 0.
        rating_effect: Stars that a mention adds to the rating, adjusted for the other topics;
            None without ratings or with too few mentions.
        trend: None with fewer than two periods, or too few reviews in either.
        by_group: Cells of the report's groups that have mentions, in the report's order.
        by_period: Cells of all the report's periods, in their order, even without mentions.
        praise: Quotes that judge it positively, clearest first.
        complaints: Quotes that judge it negatively, clearest first.
    """

    name: str
    variants: tuple[str, ...]
    aspect: str
    mentions: int
    positive: int
    negative: int
    neutral: int
    complaint_share: Interval
    lift: float | None
    rating_effect: Interval | None
    trend: Trend | None
    by_group: tuple[Cell, ...]
    by_period: tuple[Cell, ...]
    praise: tuple[Quote, ...]
    complaints: tuple[Quote, ...]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact that stands out, as data for one sentence.

    The numbers of each kind:

    - ``most_praised``: ``mentions``, ``positive``, ``share`` of positive mentions.
    - ``most_criticised``: ``mentions``, ``negative``, ``share`` of complaint.
    - ``changed``: ``before`` and ``after`` (shares of complaint), ``change``, ``low``, ``high``.
    - ``worst_group``: ``mentions``, ``negative``, ``share`` in the group, ``elsewhere``: the share
      in all other groups.
    - ``hidden``: ``hidden`` negative texts among ``good`` ratings, and ``complaints``, all reviews
      judged negative.

    Attributes:
        kind: Kind of the fact, see above.
        topic: Name of the topic; empty if the fact is not about a topic.
        group: Key of the group; empty if the fact is not about a group.
        period: Key of the last period for ``changed``, else empty.
        numbers: By name.
    """

    kind: FactKind
    topic: str
    group: str
    period: str
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TopicReport:
    """``topics.json``.

    Attributes:
        schema_version: See :data:`SCHEMA_VERSION`.
        reviews: Number of reviews, each counted once however many aspects it has.
        sampled: Number of reviews that were read; all numbers below refer to them.
        rated: Number of reviews read that have a rating.
        negative: Number of reviews read that are judged negative as a whole.
        complaint_share: Share of complaint among the mentions of all topics; None without any.
        period_unit: Length of a period; empty if too few reviews have dates.
        periods: In order of time, without gaps.
        groups: The groups with the most reviews, largest first.
        group_count: Number of all groups.
        sources: By name.
        has_aspects: Whether the topics' aspects come from the source, not from clusters.
        topics: Most important first: by number of mentions and of complaints.
        facts: At most one of each kind.
    """

    schema_version: int
    reviews: int
    sampled: int
    rated: int
    negative: int
    complaint_share: float | None
    period_unit: PeriodUnit
    periods: tuple[Part, ...]
    groups: tuple[Part, ...]
    group_count: int
    sources: tuple[Part, ...]
    has_aspects: bool
    topics: tuple[Topic, ...]
    facts: tuple[Fact, ...]

    def to_json(self) -> bytes:
        """The report as UTF-8 JSON on one line, with a line break at the end."""
        return _REPORT.dump_json(self) + b"\n"

    @classmethod
    def from_json(cls, content: bytes) -> TopicReport:
        """Read the result of :meth:`to_json`.

        Raises:
            WorkspaceError: The content is malformed, or has another schema.
        """
        try:
            report = _REPORT.validate_json(content)
        except ValueError as error:
            first = str(error).splitlines()[0]
            raise WorkspaceError(
                f"topics.json is malformed ({first}): run `review-sentiment run` again"
            ) from error
        if report.schema_version != SCHEMA_VERSION:
            raise WorkspaceError(
                f"topics.json has schema {report.schema_version}, "
                f"this version reads {SCHEMA_VERSION}: run `review-sentiment run` again"
            )
        return report


_REPORT = TypeAdapter(TopicReport)
