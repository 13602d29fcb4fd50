"""Columns of the Parquet files between stages."""

from __future__ import annotations

import pyarrow as pa

REVIEWS = pa.schema(
    [
        ("source", pa.string()),
        ("review_id", pa.string()),
        ("text", pa.string()),
        ("group", pa.string()),
        ("group_name", pa.string()),
        ("aspect", pa.string()),
        ("date", pa.string()),
        ("rating", pa.float64()),
        ("label", pa.int8()),
        ("aspect_ratings", pa.string()),  # JSON object: aspect -> rating
        ("held_out", pa.bool_()),  # from the user's own test file
    ]
)
"""``reviews.parquet``: the snapshot of the store that a run works on."""

EXAMPLES = pa.schema(
    [
        ("id", pa.string()),
        ("group", pa.string()),
        ("aspect", pa.string()),
        ("text", pa.string()),  # cleaned
        ("label", pa.float32()),  # number of the class, or the rating scaled to 0..1
        ("split", pa.string()),
    ]
)
"""``examples.parquet``: the labelled, cleaned reviews and the split each belongs to."""

TOKENS = pa.schema([("tokens", pa.list_(pa.string()))])
"""``tokens.parquet``: the tokens of each example, in the order of ``examples.parquet``."""

ROW_GROUP = 20_000
"""Rows that are written and read at once in files that are worked on a part at a time."""
