"""Differences between two sides: shares of complaint by topic and overall, and ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.arrays import Floats
from pipeline.report.intervals import Ratio
from pipeline.topics.intervals import difference, wilson
from pipeline.topics.records import Interval

FEWEST = 5
"""Minimum number of mentions of a topic on each side to compare its shares."""
LEVEL = 0.05
"""False discovery rate of the differences that are marked."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A topic on both sides.

    Attributes:
        topic: Its name.
        a: Complaints among the mentions of the first side; None without mentions.
        b: The same for the second side.
        gap: Share of complaint of ``a`` minus that of ``b``, with Newcombe's interval; None with
            fewer than ``FEWEST`` mentions on either side.
        p_value: p-value of Fisher's exact test; None if ``gap`` is None.
        adjusted: p-value corrected for the number of topics that are compared.
    """

    topic: str
    a: Ratio | None
    b: Ratio | None
    gap: Interval | None = None
    p_value: float | None = None
    adjusted: float | None = None

    @property
    def is_sure(self) -> bool:
        """Whether the difference is significant, given the number of compared topics."""
        return self.adjusted is not None and self.adjusted <= LEVEL

    @property
    def mentions(self) -> int:
        """Mentions on both sides."""
        return sum(side.whole for side in (self.a, self.b) if side)


def topic_differences(
    counts: Mapping[str, tuple[Ratio | None, Ratio | None]],
) -> list[Difference]:
    """Compare each topic, most significant differences first.

    The p-values are corrected by Benjamini and Hochberg, "Controlling the False Discovery Rate",
    1995.

    Args:
        counts: Complaints among the mentions of either side, by topic.
    """
    from scipy.stats import false_discovery_control

    found = [_compare(topic, a, b) for topic, (a, b) in counts.items()]
    tested = [one for one in found if one.p_value is not None]
    others = [one for one in found if one.p_value is None]
    if tested:
        adjusted = false_discovery_control([one.p_value for one in tested])
        tested = [
            replace(one, adjusted=float(value)) for one, value in zip(tested, adjusted, strict=True)
        ]
    tested.sort(key=lambda one: (one.adjusted, one.p_value, -one.mentions))
    return tested + sorted(others, key=lambda one: -one.mentions)


def _compare(topic: str, a: Ratio | None, b: Ratio | None) -> Difference:
    from scipy.stats import fisher_exact

    if a is None or b is None or min(a.whole, b.whole) < FEWEST:
        return Difference(topic=topic, a=a, b=b)
    table = [[side.part, side.whole - side.part] for side in (a, b)]
    p_value = min(1.0, float(fisher_exact(table).pvalue))
    return Difference(topic=topic, a=a, b=b, gap=share_difference(a, b), p_value=p_value)


def share_difference(a: Ratio, b: Ratio) -> Interval:
    """``a`` minus ``b`` with the interval of Newcombe's method 10."""
    return difference(wilson(b.part, b.whole), wilson(a.part, a.whole))


def marked(found: Sequence[Difference]) -> list[Difference]:
    """At most two significant differences, one in each direction if possible."""
    sure = [one for one in found if one.is_sure and one.gap]
    if len(sure) < 2:
        return sure
    first = sure[0]
    opposite = [one for one in sure if _direction(one) != _direction(first)]
    return [first, (opposite or sure[1:])[0]]


def _direction(one: Difference) -> bool:
    return one.gap is not None and one.gap.value > 0


def mean_difference(a: Floats, b: Floats) -> Interval | None:
    """Mean of ``a`` minus that of ``b`` with Welch's interval; None if either does not vary.

    Args:
        a: Ratings of the first side, shape (reviews,).
        b: Ratings of the second side, shape (reviews,).
    """
    from scipy.stats import ttest_ind

    if min(len(a), len(b)) < 2 or min(a.std(), b.std()) == 0:
        return None
    bounds = ttest_ind(a, b, equal_var=False).confidence_interval()
    return Interval(
        value=float(a.mean() - b.mean()), low=float(bounds.low), high=float(bounds.high)
    )
