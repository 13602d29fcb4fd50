"""Counts tokens, from which a vocabulary is built."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.prepare.tokens import read_tokens
from pipeline.reviews.review import WITHOUT_LABEL

COUNTED_SPLITS = ("train", *WITHOUT_LABEL)
COUNTS_SUMMED_AT_ONCE = 500_000
"""Maximum number of rows of partial counts before they are summed; limits memory."""


def count_tokens(examples: Path, tokens: Path) -> pa.Table:
    """Count the tokens of the training split and of the unlabelled texts.

    Memory grows with the number of distinct tokens, not with the number of texts.

    Args:
        examples: ``examples.parquet``.
        tokens: ``tokens.parquet``.

    Returns:
        A table of ``token`` and ``count``, by descending count, ties in code point order.

    Raises:
        WorkspaceError: The files differ in their number of rows.
    """
    parts: list[pa.Table] = []
    for split, rows in read_tokens(examples, tokens):
        if split in COUNTED_SPLITS:
            parts.append(counts_of(rows["tokens"].flatten()))
        if sum(part.num_rows for part in parts[1:]) > COUNTS_SUMMED_AT_ONCE:
            parts = [_sum(parts)]
    return ranked(parts)


def counts_of(tokens: pa.StringArray) -> pa.Table:
    """A table of ``token`` and ``count`` in any order."""
    found = pc.value_counts(tokens)
    return pa.table({"token": found.field("values"), "count": found.field("counts")})


def _sum(parts: list[pa.Table]) -> pa.Table:
    summed = pa.concat_tables(parts).group_by("token").aggregate([("count", "sum")])
    return summed.rename_columns(["token", "count"])


def ranked(parts: list[pa.Table]) -> pa.Table:
    """The sum of several such tables, by descending count, ties in code point order."""
    return _sum(parts).sort_by([("count", "descending"), ("token", "ascending")])
