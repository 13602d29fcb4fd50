"""Compares the labels of a file with its ratings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, SCALES

LOWEST_SCALE = 4
"""If the highest rating is lower, the scale is unknown and nothing is compared."""
NEGATIVE_SHARE, POSITIVE_SHARE = 0.4, 0.8
"""Shares of the scale: ratings up to the first are negative, from the second on positive."""
MAX_DISAGREEMENT = 0.25
MIN_DISAGREEING = 2
MIN_CLASS_ROWS = 20
FITTING_SHARE = 0.75

Agreement = Mapping[str, Counter[int]]
"""For each label value, the number of rows by the sentiment of their rating."""


class Disagreement(NamedTuple):
    """Number of rows whose label and rating differ, of those where neither is neutral."""

    rows: int
    compared: int


def compare(
    pairs: Mapping[tuple[str, str], int], parse: Callable[[str], float | None]
) -> Agreement:
    """Count the sentiments of the ratings for each label value.

    Args:
        pairs: Number of rows by label and rating, as they are in the file.
        parse: Reads a rating.

    Returns:
        The counts; empty if the ratings show no scale.
    """
    read = {rating: parse(rating) for _, rating in pairs}
    ratings = {raw: number for raw, number in read.items() if number is not None}
    highest = max(ratings.values(), default=0)
    scale = next((one for one in SCALES if LOWEST_SCALE <= highest <= one), None)
    found: defaultdict[str, Counter[int]] = defaultdict(Counter)
    if scale is not None:
        for (label, rating), rows in pairs.items():
            if rating in ratings:
                found[label][_sentiment(ratings[rating] / scale)] += rows
    return dict(found)


def disagreement(agreement: Agreement, scheme: LabelScheme) -> Disagreement | None:
    """How far a scheme disagrees with the ratings; None if it does not contradict them.

    It contradicts them if more than a quarter of the rows differ: either of all rows, or in the
    mean of the shares among negative and among positive ratings. The mean reveals an unrelated
    label where nearly all ratings are positive. Neutral labels and ratings are ignored.
    """
    compared, differ = Counter[int](), Counter[int]()
    for label, ratings in agreement.items():
        sentiment = scheme.sentiment(label) if scheme.knows(label) else None
        if sentiment in (NEGATIVE, POSITIVE):
            for rated in (NEGATIVE, POSITIVE):
                compared[rated] += ratings[rated]
                differ[rated] += ratings[rated] if rated != sentiment else 0
    if differ.total() < MIN_DISAGREEING:
        return None
    share = differ.total() / compared.total()
    if min(compared.values()) >= MIN_CLASS_ROWS:
        shares = [differ[rated] / compared[rated] for rated in (NEGATIVE, POSITIVE)]
        share = max(share, sum(shares) / len(shares))
    return Disagreement(differ.total(), compared.total()) if share > MAX_DISAGREEMENT else None


def fitting_meanings(agreement: Agreement) -> dict[str, int] | None:
    """The sentiment of each label value by its ratings; None if the ratings are not clear."""
    meanings: dict[str, int] = {}
    for label, ratings in agreement.items():
        sentiment, rows = ratings.most_common(1)[0]
        if rows < FITTING_SHARE * ratings.total() and sentiment != NEUTRAL:
            return None
        meanings[label] = sentiment
    return meanings if {NEGATIVE, POSITIVE} <= set(meanings.values()) else None


def _sentiment(share: float) -> int:
    if share <= NEGATIVE_SHARE:
        return NEGATIVE
    return POSITIVE if share >= POSITIVE_SHARE else NEUTRAL
