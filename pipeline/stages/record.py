"""Keeps the record of a model, by which later models are compared with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.model.registry import Registry, Version
from pipeline.prepare.tested import is_tested, is_unseen
from pipeline.reviews.review import BETWEEN, SPLITS
from pipeline.storage import names
from pipeline.storage.manifest import Manifest, read_manifest
from pipeline.storage.record import PREFIX, Record
from pipeline.storage.workspace import Workspace


def keep_record(
    workspace: Workspace, model: Manifest, examples: Manifest, metrics: Manifest
) -> Manifest:
    """Keep the record of a model, unless it is already there and complete.

    Args:
        workspace: Where it is kept.
        model: The model.
        examples: The examples that it was trained and tested on.
        metrics: Its metrics, with its predictions.
    """
    key = model.folder.name
    kept = workspace.finished(names.RECORDS, key)
    if kept and Record.read(kept).is_complete:
        return kept
    table = make_table(examples.path(names.EXAMPLES), metrics.path(names.TEST_TABLE))
    return Record(table, is_complete=True).write(workspace, key)


def record_of(workspace: Workspace, version: Version, model: Manifest) -> Manifest | None:
    """The record of a version; None if nothing says what it was trained on.

    An earlier version of this program kept no records: then it is made now, if the examples and the
    metrics are still there.
    """
    registry = Registry(workspace)
    if kept := registry.record_of(version):
        return kept
    metrics = registry.metrics_of(version)
    examples = _examples_of(workspace, model)
    if metrics is None or names.TEST_TABLE not in metrics.files or examples is None:
        return None
    return keep_record(workspace, model, examples, metrics)


def make_table(examples: Path, predictions: Path) -> pa.Table:
    """The table of a record.

    Reviews without a label are left out: if they get one later, it is new to the model.

    Args:
        examples: ``examples.parquet``.
        predictions: ``predictions.parquet``, the predictions for its tested examples.
    """
    table = pq.read_table(examples, columns=["id", "text", "split", "fold"])
    answers = pq.read_table(predictions)
    rows = np.full(table.num_rows, -1)
    rows[is_tested(table)] = np.where(is_unseen(examples), np.arange(answers.num_rows), -1)
    places = pa.array(rows, mask=rows < 0)
    columns = {name: table[name] for name in ("id", "text")} | {
        name: answers[name].take(places) for name in answers.column_names if name.startswith(PREFIX)
    }
    is_labelled = pc.is_in(table["split"], pa.array((*SPLITS, BETWEEN)))
    return pa.table(columns).filter(is_labelled)


def _examples_of(workspace: Workspace, model: Manifest) -> Manifest | None:
    """The examples that a model was trained on."""
    found = map(read_manifest, workspace.root.glob("examples/*/manifest.json"))
    wanted = model.details.get("data")
    return next((one for one in found if one and one.digest == wanted and one.is_intact()), None)
