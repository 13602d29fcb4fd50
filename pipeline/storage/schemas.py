"""Schemas of the Parquet files that stages exchange."""

from __future__ import annotations

import pyarrow as pa

REVIEWS_SCHEMA = pa.schema(
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
        ("by_hand", pa.bool_()),  # whether the label was given by hand
        ("aspect_ratings", pa.string()),  # JSON object: aspect -> rating
        ("held_out", pa.bool_()),  # from source.test_path
    ]
)
"""``reviews.parquet``: snapshot of the review store, the input of a run."""

EXAMPLES_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("group", pa.string()),
        ("aspect", pa.string()),
        ("text", pa.string()),  # cleaned
        ("label", pa.float32()),  # class index, rating scaled to 0..1, or positivity of a neutral
        ("split", pa.string()),
        ("fold", pa.int32()),  # fold in which the example is tested; null without cross-validation
    ]
)
"""``examples.parquet``: the labelled, cleaned reviews with their splits."""

TOKENS_SCHEMA = pa.schema([("tokens", pa.list_(pa.string()))])
"""``tokens.parquet``: the tokens of each example, in the order of ``examples.parquet``."""

MENTIONS_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("review_id", pa.string()),
        ("group", pa.string()),
        ("group_name", pa.string()),
        ("date", pa.string()),
        ("rating", pa.float64()),
        ("topic", pa.string()),
        ("topic_aspect", pa.string()),
        ("positive", pa.float64()),  # probability that the mention is positive
        ("judgement", pa.string()),  # positive, negative or neutral
    ]
)
"""``mentions.parquet``: each topic in each review that mentions it."""

ROW_GROUP = 20_000
"""Rows per Parquet row group in files that are processed in chunks."""
