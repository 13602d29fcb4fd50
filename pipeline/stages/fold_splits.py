"""The splits of a cross-validation: half of the folds held out, then one fold of this half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Bools
from pipeline.prepare.neutral import only_tested
from pipeline.prepare.splits import assign_splits
from pipeline.reviews.review import BETWEEN, SPLITS, UNLABELED
from pipeline.settings import SplitSettings
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.manifest import Manifest
from pipeline.storage.schemas import ROW_GROUP
from pipeline.target.kinds import read_target


@stage("half", version=1)
def hold_out(
    folder: Path, examples: Manifest, folds: Sequence[int], settings: SplitSettings
) -> Output:
    """Write the examples with some folds as test split, in the same order.

    The validation split is chosen from the other folds, in the same way as without folds.
    """
    table = pq.read_table(examples.path(names.EXAMPLES))
    target = read_target(examples.path(names.TARGET))
    is_labelled = pc.is_valid(table["fold"]).to_numpy()
    labelled = table.filter(pa.array(is_labelled))
    found = assign_splits(
        labelled["text"].to_pylist(),
        labelled["group"].to_pylist(),
        [target.group(label) for label in labelled["label"].to_pylist()],
        target.names,
        pc.is_in(labelled["fold"], pa.array(folds, pa.int32())).to_pylist(),
        settings,
    )
    splits = table["split"].to_numpy().copy()
    splits[is_labelled] = found.splits
    return _write(folder, examples, table, splits)


@stage("held_out_fold", version=2)
def hold_out_one(folder: Path, half: Manifest, fold: int) -> Output:
    """Write the examples of a half with one fold as test split; its other folds become training."""
    table = pq.read_table(half.path(names.EXAMPLES))
    splits = table["split"].to_numpy().copy()
    splits[(splits == "test") & ~is_of_fold(table, fold)] = "train"
    groups, labelled = table["group"].to_numpy(), pc.is_valid(table["fold"]).to_numpy()
    tested = only_tested(groups[labelled], splits[labelled])
    splits[(splits == BETWEEN) & np.isin(groups, [*tested])] = UNLABELED
    return _write(folder, half, table, splits)


def is_of_fold(table: pa.Table, fold: int) -> Bools:
    """Mask of the rows of ``examples.parquet`` that are tested in a fold."""
    mask: Bools = pc.equal(table["fold"], fold).fill_null(False).to_numpy()
    return mask


def _write(folder: Path, examples: Manifest, table: pa.Table, splits: np.ndarray) -> Output:
    """Write the examples with other splits."""
    target = read_target(examples.path(names.TARGET))
    place = table.column_names.index("split")
    table = table.set_column(place, table.schema.field("split"), pa.array(splits, pa.string()))
    with atomic_path(folder / names.EXAMPLES) as temporary:
        pq.write_table(table, temporary, row_group_size=ROW_GROUP)
    write_text(folder / names.TARGET, examples.path(names.TARGET).read_text(encoding="utf-8"))
    is_labelled = pc.is_valid(table["fold"]).to_numpy()
    groups = [target.group(label) for label in table["label"].to_numpy()[is_labelled]]
    counts = Counter(zip(splits[is_labelled], groups, strict=True))
    details = {
        "splits": {
            name: {one: counts[name, at] for at, one in enumerate(target.names)} for name in SPLITS
        },
        "unlabeled": examples.details["unlabeled"],
    }
    return Output([names.EXAMPLES, names.TARGET], table.num_rows, details)
