"""Both sides of a comparison as a whole: shares of complaint and mean ratings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Floats
from pipeline.report.comparison.differences import mean_difference, share_difference
from pipeline.report.comparison.reading import SIDES, Compared
from pipeline.report.intervals import Ratio
from pipeline.topics.records import Interval


@dataclass(frozen=True, kw_only=True)
class Overall:
    """Both sides as a whole.

    Attributes:
        complaints: Complaints among the reviews of each side.
        gap: Difference of the shares.
        ratings: Mean rating of each side; None without ratings.
        rated: Number of reviews with a rating on each side.
        rating_gap: Difference of the means; None if it is not defined.
    """

    complaints: list[Ratio]
    gap: Interval
    ratings: list[float | None]
    rated: list[int]
    rating_gap: Interval | None


def describe(compared: Compared) -> Overall:
    """Compare both sides as a whole."""
    complaints = [compared.complaints(side) for side in SIDES]
    ratings = [_ratings(compared, side) for side in SIDES]
    return Overall(
        complaints=complaints,
        gap=share_difference(*complaints),
        ratings=[float(own.mean()) if len(own) else None for own in ratings],
        rated=[len(own) for own in ratings],
        rating_gap=mean_difference(*ratings),
    )


def _ratings(compared: Compared, side: str) -> Floats:
    return np.asarray(compared.of(side)["rating"].drop_null().to_pylist(), float)
