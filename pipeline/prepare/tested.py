"""The examples that a model is tested on: the test split, or all in a cross-validation."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Bools, Integers, Labels
from pipeline.reviews.review import BETWEEN, SPLITS


class UnderTest(NamedTuple):
    """The examples that a model is tested on, in file order.

    Attributes:
        ids: Source and id of each review.
        texts: The cleaned texts.
        groups: Group of each example, empty for none.
        labels: Label of each example.
        folds: The fold in which each example is tested; None for a test split.
    """

    ids: list[str]
    texts: list[str]
    groups: list[str]
    labels: Labels
    folds: Integers | None


def is_tested(table: pa.Table) -> Bools:
    """Mask of the rows of ``examples.parquet`` that the model is tested on.

    Args:
        table: Table with the columns ``split`` and ``fold``.
    """
    found = pc.or_(pc.equal(table["split"], "test"), pc.is_valid(table["fold"]))
    mask: Bools = found.to_numpy()
    return mask


def read_tested(path: Path) -> UnderTest:
    """Read the examples of ``examples.parquet`` that the model is tested on."""
    table = pq.read_table(path)
    table = table.filter(pa.array(is_tested(table)))
    folds = None
    if table["fold"].null_count < table.num_rows:
        folds = table["fold"].to_numpy().astype(np.intp)
    ids, texts, groups = (table[name].to_pylist() for name in ("id", "text", "group"))
    return UnderTest(ids, texts, groups, table["label"].to_numpy(), folds)


def is_unseen(path: Path) -> Bools:
    """Mask of the tested examples whose texts the models that predict them do not learn from.

    Equal texts may be in different folds, or in the training and the test split: if they belong to
    different groups, or if the test split is a file of its own.

    Args:
        path: ``examples.parquet``.
    """
    table = pq.read_table(path, columns=["text", "split", "fold"])
    tested, fold = is_tested(table), table["fold"].fill_null(-1).to_numpy()
    is_labelled = pc.is_in(table["split"], pa.array((*SPLITS, BETWEEN))).to_numpy()
    parts: dict[str, set[tuple[bool, int]]] = defaultdict(set)
    texts = table["text"].to_pylist()
    for row in np.flatnonzero(is_labelled):
        parts[texts[row]].add((bool(tested[row]), int(fold[row])))
    return np.array([len(parts[texts[row]]) == 1 for row in np.flatnonzero(tested)], bool)


def overlap_of_groups(path: Path) -> int:
    """Number of tested examples whose group also occurs among the training examples."""
    table = pq.read_table(path, columns=["group", "split", "fold"])
    part = table["fold"].fill_null(0).to_numpy()
    if not table["fold"].null_count < table.num_rows:
        part = pc.equal(table["split"], "test").to_numpy().astype(int)
    parts: dict[str, set[int]] = defaultdict(set)
    is_labelled = pc.is_in(table["split"], pa.array(SPLITS)).to_numpy()
    rows = list(zip(table["group"].to_pylist(), part, is_labelled, strict=True))
    for group, own, labelled in rows:
        if group and labelled:
            parts[group].add(own)
    tested = is_tested(table)
    return sum(len(parts[group]) > 1 for (group, *_), one in zip(rows, tested, strict=True) if one)
