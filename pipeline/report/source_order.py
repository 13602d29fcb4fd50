"""The order of the source: a reader lays a sheet beside the table that it was made from."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

_NUMBER = re.compile("([0-9]+)")


def in_source_order(table: pa.Table) -> pa.Table:
    """The rows in the order of their sources and ids, so that ``row 2`` comes before ``row 10``.

    Rows of equal ids keep their order.

    Args:
        table: Table with the columns ``source`` and ``review_id``.
    """
    sources = {name: place for place, name in enumerate(table["source"].unique().to_pylist())}
    pairs = zip(table["source"].to_pylist(), table["review_id"].to_pylist(), strict=True)
    keys = [(sources[source], natural_key(review_id)) for source, review_id in pairs]
    return table.take(pa.array(sorted(range(len(keys)), key=keys.__getitem__), pa.int64()))


def natural_key(text: str) -> list[Any]:
    """Key that sorts texts with the numbers in them as numbers."""
    parts: list[Any] = _NUMBER.split(text)
    for place in range(1, len(parts), 2):
        digits = parts[place].lstrip("0")
        parts[place] = len(digits), digits  # int() refuses thousands of digits
    return parts
