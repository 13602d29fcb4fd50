"""Predicts the reviews of a snapshot incrementally."""

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

from pipeline.arrays import Bools
from pipeline.predict.text_predictor import TextPredictor
from pipeline.storage.files import atomic_path
from pipeline.target.base import Predicted, Target
from pipeline.target.score import Score

logger = logging.getLogger(__name__)

COLUMNS = ["source", "review_id", "group", "group_name", "aspect", "date", "text"]
BATCH_ROWS = 20_000
MAX_WORST = 20


def predict_reviews(reviews: Path, output: Path, predictor: TextPredictor) -> dict[str, Any]:
    """Write a table of a snapshot's reviews with predictions.

    Predictions that ``output`` already has are kept; only new reviews and those with a changed
    text are predicted.

    Args:
        reviews: ``reviews.parquet`` of the snapshot.
        output: Parquet file with columns of the snapshot, those of the target, and the time of
            the prediction, ``predicted``. An existing file must be from the same model.
        predictor: The model.

    Returns:
        The number of ``rows``, of ``new`` reviews and of ``negative`` new ones, and the ``worst``,
        at most ``MAX_WORST`` new reviews with their positivity, 0.5 if undecided.
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
    rows, new, negative = 0, 0, 0
    worst: list[dict[str, Any]] = []
    with atomic_path(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for batch in _batches(reviews):
            fresh = [
                row
                for row in batch
                if _identity(row) not in known and not predictor.is_blank(row["text"])
            ]
            target, positive = predictor.target, np.zeros(0)
            if fresh:
                predicted = predictor.predict([row["text"] for row in fresh])
                positive = target.even_positive(predicted)
                negative += int(np.count_nonzero(~target.is_positive(predicted)))
                for row, answer in zip(fresh, target.answers(predicted), strict=True):
                    known[_identity(row)] = {**answer, "predicted": now}
            table = [row | known.get(_identity(row), {}) for row in batch]
            writer.write_table(pa.Table.from_pylist(table, schema))
            rows, new = rows + len(batch), new + len(fresh)
            worst += [
                {"text": row["text"], "group": row["group_name"] or row["group"], "positive": one}
                for row, one in zip(fresh, positive.tolist(), strict=True)
            ]
            worst = sorted(worst, key=lambda one: float(one["positive"]))[:MAX_WORST]
    logger.info("predicted %s new reviews of %s in total", f"{new:,}", f"{rows:,}")
    return {"rows": rows, "new": new, "negative": negative, "worst": worst}


def read_predictions(path: Path, target: Target) -> tuple[Predicted, Bools]:
    """Read the model's output back from a table that :func:`predict_reviews` wrote.

    Args:
        path: The table.
        target: What the model predicts.

    Returns:
        The output for the texts that the model answered, and which texts these are, shape (rows,).
    """
    outputs = [name for name in target.columns if name.startswith("probability_")]
    columns = outputs or [target.columns[-1]]
    table = pq.read_table(path, columns=columns)
    values = np.column_stack(
        [table[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in columns]
    )
    is_known = ~np.isnan(values).any(axis=1)
    values = values[is_known]
    if isinstance(target, Score):
        values = (values - target.lowest) / (target.highest - target.lowest)
    return values if outputs else values[:, 0], is_known


def _batches(reviews: Path) -> Iterator[list[dict[str, Any]]]:
    with pq.ParquetFile(reviews, pre_buffer=False) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=COLUMNS):
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
    """Hash of a review's key and text; an edited review gets a new one."""
    parts = "\0".join(row[name] or "" for name in ("source", "review_id", "aspect", "text"))
    return hashlib.sha1(parts.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
