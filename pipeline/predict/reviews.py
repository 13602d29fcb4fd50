"""What the model says of every review of a snapshot, those already known not asked again."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.predict.predictor import Predictor
from pipeline.storage.files import atomic_path

logger = logging.getLogger(__name__)

COLUMNS = ["source", "review_id", "group", "group_name", "aspect", "date", "text"]
ROWS_AT_ONCE = 20_000
WORST = 20


def predict_reviews(reviews: Path, output: Path, predictor: Predictor) -> dict[str, Any]:
    """Write a table of a snapshot's reviews with the predictor's answers.

    What ``output`` already says of a review is kept, so that only new reviews and those whose
    text was changed cost time. It must be of the same model.

    Args:
        reviews: ``reviews.parquet``.
        output: A Parquet file: the snapshot's columns, the target's, and ``predicted``, when an
            answer was given.
        predictor: The model.

    Returns:
        The number of ``rows`` and of ``new`` ones, how ``positive`` the new ones are in the mean
        (None without any), and the ``worst`` of them.
    """
    columns = list(predictor.target.columns)
    known = _known(output, columns)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    schema = pa.schema(
        [
            *((name, pa.string()) for name in COLUMNS),
            *((name, pa.string() if name == "label" else pa.float64()) for name in columns),
            ("predicted", pa.string()),
        ]
    )
    rows, new, total = 0, 0, 0.0
    worst: list[dict[str, Any]] = []
    with atomic_path(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for batch in _batches(reviews):
            asked = [row for row in batch if _identity(row) not in known and row["text"].strip()]
            predicted = predictor.predict([row["text"] for row in asked]) if asked else np.zeros(0)
            answers = predictor.target.answers(predicted) if asked else []
            positive = predictor.target.positive(predicted) if asked else predicted
            for row, answer in zip(asked, answers, strict=True):
                known[_identity(row)] = {**answer, "predicted": now}
            table = [row | known.get(_identity(row), {}) for row in batch]
            writer.write_table(pa.Table.from_pylist(table, schema))
            rows, new, total = rows + len(batch), new + len(asked), total + float(positive.sum())
            worst += [
                {"text": row["text"], "group": row["group_name"] or row["group"], "positive": one}
                for row, one in zip(asked, positive.tolist(), strict=True)
            ]
            worst = sorted(worst, key=lambda one: float(one["positive"]))[:WORST]
    logger.info("%d of %d reviews are new to the model", new, rows)
    return {"rows": rows, "new": new, "positive": total / new if new else None, "worst": worst}


def _batches(reviews: Path) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(reviews, pre_buffer=False) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=COLUMNS):
            yield batch.to_pylist()


def _known(output: Path, columns: list[str]) -> dict[bytes, dict[str, Any]]:
    if not output.exists():
        return {}
    names = [*columns, "predicted"]
    table = pq.read_table(output)
    if not set(names) <= set(table.column_names):
        return {}
    return {
        _identity(row): {name: row[name] for name in names}
        for row in table.to_pylist()
        if row["predicted"]
    }


def _identity(row: dict[str, Any]) -> bytes:
    """Of a review as it stands: an edited one is another."""
    parts = "\0".join(row[name] or "" for name in ("source", "review_id", "aspect", "text"))
    return hashlib.sha1(parts.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
