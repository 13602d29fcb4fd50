"""Metrics on segments of the tested reviews, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Floats
from pipeline.evaluate.records import Slice, Slices
from pipeline.prepare.tested import is_tested
from pipeline.reviews.review import day_of
from pipeline.target.base import Target

FEWEST = 30
"""Segments with fewer examples are left out."""
MOST_GROUPS = 10
QUARTERS_UP_TO = 3
"""Periods are quarters if the reviews span at most this many years, otherwise years."""
UNKNOWN = ((0.0, "0%"), (0.1, "≤ 10%"), (1.0, "> 10%"))

Values = Sequence[str]
"""The segment of each example; empty if it belongs to none."""


def slices(rows: pa.Table, unknown: Floats, each: dict[str, Floats], target: Target) -> Slices:
    """Compute the target's ``each_metric`` on segments by length, source, period and so on.

    Args:
        rows: Result of :func:`read_rows`.
        unknown: Share of out-of-vocabulary tokens of each text.
        each: The ``each_metric`` of each example, for ``network`` and ``baseline``.
        target: The prediction target, which knows whether higher is better.

    Returns:
        ``rows``, worst for the network first, each with its ``slice`` and ``value``, the number of
        ``examples``, the mean metric of both models and the network's 95% ``interval``;
        ``too_small``, the number of segments with fewer than ``FEWEST`` examples.
    """
    found: list[Slice] = []
    too_small = 0
    for name, values in _partitions(rows, unknown).items():
        sizes = Counter(value for value in values if value)
        if len(sizes) < 2:
            continue
        labels = np.array(values)
        for value, size in sizes.items():
            if size < FEWEST:
                too_small += 1
                continue
            inside = labels == value
            network = each["network"][inside]
            found.append(
                {
                    "slice": name,
                    "value": value,
                    "examples": size,
                    "network": float(network.mean()),
                    "interval": _interval(network, target),
                    "baseline": float(each["baseline"][inside].mean()),
                }
            )
    found.sort(key=lambda one: target.better * one["network"])
    return {"rows": found, "too_small": too_small}


def read_rows(examples: Path, reviews: Path) -> pa.Table:
    """Read the tested reviews in order, joined with the columns of ``reviews.parquet``."""
    table = pq.read_table(examples, columns=["id", "aspect", "group", "text", "split", "fold"])
    table = table.filter(pa.array(is_tested(table)))
    table = table.append_column("place", pa.array(np.arange(table.num_rows)))
    known = pq.read_table(
        reviews, columns=["source", "review_id", "aspect", "group_name", "date", "rating"]
    )
    ids = pc.binary_join_element_wise(known["source"], known["review_id"], ":")
    known = known.append_column("id", ids).drop_columns(["review_id"])
    return table.join(known, ["id", "aspect"], join_type="left outer").sort_by("place")


def _partitions(rows: pa.Table, unknown: Floats) -> dict[str, Values]:
    columns = {name: rows[name].to_pylist() for name in rows.column_names}
    return {
        "length": _quartiles([len(text) for text in columns["text"]]),
        "unknown words": [next(text for most, text in UNKNOWN if one <= most) for one in unknown],
        "source": [source or "" for source in columns["source"]],
        "period": _periods([day_of(date) for date in columns["date"]]),
        "group": _largest(
            [name or group or "" for name, group in
             zip(columns["group_name"], columns["group"], strict=True)]
        ),
        "aspect": columns["aspect"],
        "rating": ["" if rating is None else f"{rating:g}" for rating in columns["rating"]],
    }  # fmt: skip


def _quartiles(lengths: Sequence[int]) -> Values:
    """Quartiles by number of characters."""
    bounds = np.unique(np.percentile(lengths, [25, 50, 75]).round().astype(int))
    lows = [min(lengths), *(bounds + 1)]
    highs = [*bounds, max(lengths)]
    names = [f"{low}–{high}" for low, high in zip(lows, highs, strict=True)]
    return [names[part] for part in np.searchsorted(bounds, lengths)]


def _periods(dates: Values) -> Values:
    """Keys of quarters (``2026-Q4``), of years if there are many; empty without a date."""
    years = {date[:4] for date in dates if date}
    if len(years) > QUARTERS_UP_TO:
        return [date[:4] for date in dates]
    return [f"{date[:4]}-Q{(int(date[5:7]) + 2) // 3}" if date else "" for date in dates]


def _largest(groups: Values) -> Values:
    kept = {name for name, _ in Counter(filter(None, groups)).most_common(MOST_GROUPS)}
    return [group if group in kept else "" for group in groups]


def _interval(each: npt.NDArray[np.float64], target: Target) -> list[float]:
    """Wilson's interval for a share, otherwise a t-interval."""
    from scipy import stats

    if target.each_metric == "accuracy":
        found = stats.binomtest(int(each.sum()), len(each)).proportion_ci(method="wilson")
        return [float(found.low), float(found.high)]
    half = stats.t.ppf(0.975, len(each) - 1) * each.std(ddof=1) / np.sqrt(len(each))
    return [float(each.mean() - half), float(each.mean() + half)]
