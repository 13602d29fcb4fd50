"""Labelled examples from reviews: rating -> label, text -> cleaned text, group -> split."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Labels
from pipeline.prepare.clean import clean
from pipeline.prepare.labels import label_reviews
from pipeline.prepare.splits import assign_splits
from pipeline.prepare.unlabeled import read_unlabeled
from pipeline.reviews.review import UNLABELED
from pipeline.settings import CleanSettings, LabelSettings, SplitSettings
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.schemas import EXAMPLES_SCHEMA, ROW_GROUP

logger = logging.getLogger(__name__)

VERSION = 4
TARGET = "target.json"


def make_examples(
    reviews: Path,
    output: Path,
    *,
    label: LabelSettings,
    cleaning: CleanSettings,
    split: SplitSettings,
    unlabeled: Path | None = None,
) -> dict[str, Any]:
    """Write ``examples.parquet`` and beside it ``target.json`` from ``reviews.parquet``.

    Reviews without a label, and those of the file ``unlabeled``, come last, in the split
    ``unlabeled``, but for texts that are in the validation or the test split.

    Returns:
        How many reviews were read and left out, and how many examples of each label each split
        has.

    Raises:
        DataError: A rating fits no scale, there is none, or a class is missing from a split.
        SourceError: The file ``unlabeled`` cannot be read.
    """
    table = pq.read_table(reviews)
    columns = {name: table[name].to_pylist() for name in table.column_names}
    target, labels, rule = label_reviews(columns["rating"], columns["label"], label)
    texts = [clean(text, cleaning) for text in columns["text"]]
    kept = [i for i, text in enumerate(texts) if text and labels[i] is not None]

    groups = [columns["group"][i] for i in kept]
    chosen = [labels[i] or 0.0 for i in kept]
    classes = [target.group(label) for label in chosen]
    splits = assign_splits(
        [texts[i] for i in kept],
        groups,
        classes,
        target.names,
        [columns["held_out"][i] for i in kept],
        split,
    )
    held_out = {texts[i] for i, name in zip(kept, splits, strict=True) if name != "train"}
    unlearnable = held_out | {""}
    rest = [
        i
        for i, text in enumerate(texts)
        if labels[i] is None and not columns["held_out"][i] and text not in unlearnable
    ]
    further = [clean(text, cleaning) for text in read_unlabeled(unlabeled)] if unlabeled else []
    further = [text for text in further if text not in unlearnable]
    blank = [""] * len(further)
    rows = {
        "id": [f"{columns['source'][i]}:{columns['review_id'][i]}" for i in kept + rest]
        + [f"{UNLABELED}:{number}" for number in range(len(further))],
        "group": groups + [columns["group"][i] for i in rest] + blank,
        "aspect": [columns["aspect"][i] for i in kept + rest] + blank,
        "text": [texts[i] for i in kept + rest] + further,
        "label": chosen + [None] * (len(rest) + len(further)),
        "split": splits + [UNLABELED] * (len(rest) + len(further)),
    }
    with atomic_path(output) as temporary:
        pq.write_table(pa.table(rows, schema=EXAMPLES_SCHEMA), temporary, row_group_size=ROW_GROUP)

    write_text(output.with_name(TARGET), target.model_dump_json(indent=2) + "\n")

    counts = Counter(zip(splits, (target.names[one] for one in classes), strict=True))
    logger.info("%d of %d reviews are examples with a label", len(kept), len(texts))
    return {
        "examples": len(kept),
        "reviews": len(texts),
        "empty": sum(not text for text in texts),
        "between": sum(bool(text) and labels[i] is None for i, text in enumerate(texts)),
        "unlabeled": len(rest) + len(further),
        "groups": len(set(groups) - {""}),
        "rule": rule,
        "splits": {
            split_name: {name: counts[split_name, name] for name in target.names}
            for split_name in dict.fromkeys(splits)
        },
    }


def read_examples(path: Path, *splits: str, most: int | None = None) -> tuple[list[str], Labels]:
    """Cleaned texts and labels of some splits of ``examples.parquet``, in its order.

    Of more than ``most``, as many are drawn at random, the same ones each time.
    """
    table = pq.read_table(path, columns=["text", "label"])
    table = table.filter(pa.array(_are_in(path, *splits, most=most)))
    return table["text"].to_pylist(), table["label"].to_numpy()


def tokens_of(
    examples: Path, tokens: Path, *splits: str, most: int | None = None
) -> Iterator[list[str]]:
    """Yield the tokens of each text that :func:`read_examples` gives for the same arguments."""
    wanted, begin = _are_in(examples, *splits, most=most), 0
    with pq.ParquetFile(tokens, pre_buffer=False) as file:
        for batch in file.iter_batches(ROW_GROUP, columns=["tokens"]):
            mask = wanted[begin : begin + batch.num_rows]
            begin += batch.num_rows
            yield from batch.filter(pa.array(mask))["tokens"].to_pylist()


def overlap_of_groups(path: Path) -> int:
    """How many test examples of ``examples.parquet`` are of a group that another split has too."""
    table = pq.read_table(path, columns=["group", "split"])
    is_test = pc.equal(table["split"], "test").to_numpy()
    groups = table["group"].to_numpy()
    elsewhere = set(groups[~is_test]) - {""}
    return sum(group in elsewhere for group in groups[is_test])


def _are_in(path: Path, *splits: str, most: int | None = None) -> npt.NDArray[np.bool_]:
    """Which rows of ``examples.parquet`` :func:`read_examples` reads, shape (rows,)."""
    split = pq.read_table(path, columns=["split"])["split"]
    found = np.flatnonzero(pc.is_in(split, pa.array(splits)).to_numpy())
    if most is not None and len(found) > most:
        found = np.random.default_rng(0).choice(found, most, replace=False)
    mask = np.zeros(len(split), bool)
    mask[found] = True
    return mask
