"""Compares the labels of a file with its ratings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipeline.crawl.parse.label_schemes import LabelScheme
from pipeline.reviews.review import NEGATIVE, NEUTRAL, POSITIVE, SCALES

LOWEST_SCALE = 4
"""Below this maximum the ratings show no scale, and nothing is compared."""
NEGATIVE_SHARE, POSITIVE_SHARE = 0.4, 0.8
"""Of the scale: up to the first a rating is negative, from the second positive."""
MAX_DISAGREEMENT = 0.25
MIN_DISAGREEING = 2
MIN_CLASS_ROWS = 20
FITTING_SHARE = 0.75

Agreement = Mapping[str, Counter[int]]
"""Sentiments that the ratings say, with the number of rows, by value of the label."""


class Disagreement(NamedTuple):
    """Rows whose label and rating are both negative or positive, and those that differ."""

    rows: int
    compared: int


def compare(
    pairs: Mapping[tuple[str, str], int], parse: Callable[[str], float | None]
) -> Agreement:
    """What the ratings say of each value of the label.

    Args:
        pairs: Number of rows by label and rating, as they are in the file.
        parse: Reads a rating.

    Returns:
        Empty if the ratings show no scale.
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

    It does if more than a quarter of the rows differ, of all or in the mean of negative and
    positive ratings. The mean shows a label without relation to the ratings where nearly all
    ratings are positive. Neutral labels and ratings are ignored.
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
    """The sentiment of each value of the label that its ratings show; None if they show none."""
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
