"""The examples stage: labels, cleans and splits the reviews."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.arrays import Labels
from pipeline.prepare.clean import clean
from pipeline.prepare.clean_many import clean_all
from pipeline.prepare.cross_validation import Roles, assign_folds
from pipeline.prepare.folds import FEW
from pipeline.prepare.labels import LabelRule, check_scales, label_reviews, origins_of
from pipeline.prepare.neutral import only_tested, positivity
from pipeline.prepare.splits import assign_splits
from pipeline.prepare.unlabeled import read_unlabeled
from pipeline.reviews.review import BETWEEN, UNLABELED
from pipeline.settings import CleanSettings, LabelSettings, SplitSettings
from pipeline.storage import names
from pipeline.storage.files import atomic_path, write_text
from pipeline.storage.schemas import EXAMPLES_SCHEMA, ROW_GROUP
from pipeline.target.base import Target

logger = logging.getLogger(__name__)

EXAMPLES_VERSION = 14


class LabelledTexts(NamedTuple):
    """The texts of reviews, with their labels.

    Attributes:
        target: The prediction target.
        rule: How ratings became labels.
        texts: The cleaned texts.
        labels: Label of each text; None if it has none.
        neutral: Positivity of each neutral review; None for all others.
        kept: Indices of the texts that are examples: not empty, and with a label.
    """

    target: Target
    rule: LabelRule
    texts: list[str]
    labels: list[float | None]
    neutral: list[float | None]
    kept: list[int]

    @property
    def classes(self) -> list[int]:
        """The class of each example, see :meth:`~pipeline.target.base.Target.group`."""
        return [self.target.group(self.labels[i] or 0.0) for i in self.kept]

    def assign(
        self, groups: Sequence[str], held_out: Sequence[bool], split: SplitSettings
    ) -> Roles:
        """Assign the examples to splits; few examples to folds instead of the test split.

        Args:
            groups: Group of each text.
            held_out: Whether each text belongs to the user's test set.
            split: Shares and seed of the splits.

        Raises:
            DataError: See :func:`pipeline.prepare.splits.assign_splits`.
        """
        texts, own = ([given[i] for i in self.kept] for given in (self.texts, groups))
        is_test = [held_out[i] for i in self.kept]
        assigned = assign_splits(texts, own, self.classes, self.target.names, is_test, split)
        folds = None
        if split.folds != 0 and len(self.kept) < FEW and not any(is_test):
            folds = assign_folds(texts, own, self.classes, split.folds, split.seed)
        return Roles.of(assigned, folds)


def label_texts(
    texts: Sequence[str],
    ratings: Sequence[float | None],
    given: Sequence[int | None],
    label: LabelSettings,
    cleaning: CleanSettings,
    by_hand: int = 0,
) -> LabelledTexts:
    """Label and clean the texts of reviews; see :func:`pipeline.prepare.labels.label_reviews`."""
    target, labels, rule = label_reviews(ratings, given, label, by_hand)
    cleaned = clean_all(texts, cleaning)
    kept = [i for i, text in enumerate(cleaned) if text and labels[i] is not None]
    neutral = positivity(ratings, given, target, rule)
    return LabelledTexts(target, rule, cleaned, labels, neutral, kept)


def make_examples(
    reviews: Path,
    output: Path,
    *,
    label: LabelSettings,
    cleaning: CleanSettings,
    split: SplitSettings,
    unlabeled: Path | None = None,
) -> dict[str, Any]:
    """Write ``examples.parquet`` and, in the same folder, ``target.json`` from ``reviews.parquet``.

    Reviews without a label come last. If there are two classes, neutral reviews get the split
    ``between``. All others, and the texts of the file ``unlabeled``, get the split ``unlabeled``.
    Texts that are empty after cleaning are dropped, and so are unlabelled texts that also occur in
    the validation or test split, or in a fold. If there are folds, no example is in the test split:
    the model learns from all examples.

    Args:
        reviews: ``reviews.parquet`` of a snapshot.
        output: Path of ``examples.parquet``.
        label: What is predicted, and the rating thresholds.
        cleaning: Text normalization.
        split: Shares and seed of the splits.
        unlabeled: File of further texts for pretraining.

    Returns:
        Counts of reviews and examples (``examples``, ``reviews``, ``empty``, ``between`` for
        unlabelled reviews, ``unlabeled``, ``groups``), the ``ungrouped`` splits of
        :class:`~pipeline.prepare.cross_validation.Roles`, the labelling ``rule`` in words, the
        number of labels by their ``origins`` (``hand``, ``source``, ``ratings``), the number of
        ``neutral_labels`` among them that two classes have no room for, ``tested_by_hand``, the
        number of tested examples that were labelled by hand, under ``splits`` the number of
        examples of each class in each split, and ``folds``, the number of folds, 0 without a
        cross-validation.

    Raises:
        DataError: A rating is outside every scale, ratings are missing for target ``score``, or
            a class has too few examples for the splits.
        SourceError: ``unlabeled`` cannot be read.
    """
    table = pq.read_table(reviews)
    columns = {name: table[name].to_pylist() for name in table.column_names}
    becomes_label = [
        not held_out and (given is None or label.target == "score")
        for given, held_out in zip(columns["label"], columns["held_out"], strict=True)
    ]
    ratings = zip(columns["rating"], becomes_label, strict=True)
    check_scales(columns["source"], [one if used else None for one, used in ratings], label)
    given, by_hand = columns["label"], columns["by_hand"]
    labelled = label_texts(columns["text"], columns["rating"], given, label, cleaning, sum(by_hand))
    target, rule, texts, labels, neutral, kept = labelled
    splits, ungrouped, folds = labelled.assign(columns["group"], columns["held_out"], split)
    groups = [columns["group"][i] for i in kept]
    held_out = {texts[i] for i, name in zip(kept, splits, strict=True) if folds or name != "train"}
    excluded = held_out | {""}
    rest = [
        i
        for i, text in enumerate(texts)
        if labels[i] is None and not columns["held_out"][i] and text not in excluded
    ]
    tested = only_tested(groups, splits)
    neutral = [None if columns["group"][i] in tested else neutral[i] for i in rest]
    further = [clean(text, cleaning) for text in read_unlabeled(unlabeled)] if unlabeled else []
    further = [text for text in further if text not in excluded]
    blank = [""] * len(further)
    rows = {
        "id": [f"{columns['source'][i]}:{columns['review_id'][i]}" for i in kept + rest]
        + [f"{UNLABELED}:{number}" for number in range(len(further))],
        "group": groups + [columns["group"][i] for i in rest] + blank,
        "aspect": [columns["aspect"][i] for i in kept + rest] + blank,
        "text": [texts[i] for i in kept + rest] + further,
        "label": [labels[i] for i in kept] + neutral + [None] * len(further),
        "split": splits
        + [UNLABELED if own is None else BETWEEN for own in neutral]
        + [UNLABELED] * len(further),
        "fold": (folds or []) + [None] * (len(rest) + len(further) + (0 if folds else len(kept))),
    }
    with atomic_path(output) as temporary:
        pq.write_table(pa.table(rows, schema=EXAMPLES_SCHEMA), temporary, row_group_size=ROW_GROUP)

    write_text(output.with_name(names.TARGET), target.model_dump_json(indent=2) + "\n")

    if target.kind == "score":
        given = [None] * len(texts)
    origins = origins_of(given, by_hand)
    has_label = [
        bool(text) and not (own is None and known is None)
        for text, own, known in zip(texts, labels, given, strict=True)
    ]
    counts = Counter(zip(splits, (target.names[one] for one in labelled.classes), strict=True))
    logger.info("%s, %s labelled", _counted(columns, texts), f"{len(kept):,}")
    if ungrouped:
        logger.warning(
            "%s groups are too few or too uneven to split by group: %s reviews come from groups "
            "that are also in the training split",
            f"{len(set(groups) - {''}):,}",
            " and ".join(ungrouped),
        )
    return {
        "examples": len(kept),
        "reviews": len(texts),
        "empty": sum(not text for text in texts),
        "between": sum(bool(text) and labels[i] is None for i, text in enumerate(texts)),
        "unlabeled": len(rest) + len(further),
        "groups": len(set(groups) - {""}),
        "ungrouped": ungrouped,
        "rule": rule.text,
        "origins": dict(Counter(one for one, has in zip(origins, has_label, strict=True) if has)),
        "neutral_labels": sum(has_label) - len(kept),
        "tested_by_hand": sum(
            origins[i] == "hand" and (folds is not None or name == "test")
            for i, name in zip(kept, splits, strict=True)
        ),
        "thresholds": rule.thresholds,
        "splits": {
            split_name: {name: counts[split_name, name] for name in target.names}
            for split_name in dict.fromkeys(splits)
        },
        "folds": len(set(folds or [])),
    }


def _counted(columns: dict[str, list[Any]], texts: Sequence[str]) -> str:
    """The number of reviews in words, and that of their texts if there are texts on aspects."""
    if not any(columns["aspect"]):
        return f"{len(texts):,} reviews"
    reviews = len(set(zip(columns["source"], columns["review_id"], strict=True)))
    return f"{reviews:,} reviews with {sum(map(bool, texts)):,} texts"


def make_unlabeled_examples(reviews: Path, output: Path, cleaning: CleanSettings) -> int:
    """Write ``examples.parquet`` from a snapshot without labels: all its reviews, in their order.

    Texts that are empty after cleaning are kept as empty texts.

    Args:
        reviews: ``reviews.parquet`` of a snapshot.
        output: Path of ``examples.parquet``.
        cleaning: Text normalization.

    Returns:
        Number of texts that are not empty.
    """
    table = pq.read_table(reviews, columns=["source", "review_id", "group", "aspect", "text"])
    columns = table.to_pydict()
    texts = clean_all(columns["text"], cleaning)
    identity = zip(columns["source"], columns["review_id"], strict=True)
    rows = {
        "id": [f"{source}:{review_id}" for source, review_id in identity],
        "group": columns["group"],
        "aspect": columns["aspect"],
        "text": texts,
        "label": [None] * len(texts),
        "split": [UNLABELED] * len(texts),
        "fold": [None] * len(texts),
    }
    with atomic_path(output) as temporary:
        pq.write_table(pa.table(rows, schema=EXAMPLES_SCHEMA), temporary, row_group_size=ROW_GROUP)
    return sum(map(bool, texts))


def read_examples(path: Path, *splits: str, most: int | None = None) -> tuple[list[str], Labels]:
    """Read cleaned texts and labels of some splits of ``examples.parquet``, in file order.

    Args:
        path: ``examples.parquet``.
        splits: Names of the splits.
        most: Maximum number of examples; more are sampled at random with a fixed seed.

    Returns:
        The texts, and their labels of shape (texts,).
    """
    table = pq.read_table(path, columns=["text", "label"])
    table = table.filter(pa.array(_row_mask(path, *splits, most=most)))
    return table["text"].to_pylist(), table["label"].to_numpy()


def tokens_of(
    examples: Path, tokens: Path, *splits: str, most: int | None = None
) -> Iterator[list[str]]:
    """Yield the tokens of each text that :func:`read_examples` returns for the same arguments."""
    wanted, begin = _row_mask(examples, *splits, most=most), 0
    with pq.ParquetFile(tokens, pre_buffer=False) as file:
        for batch in file.iter_batches(ROW_GROUP, columns=["tokens"]):
            mask = wanted[begin : begin + batch.num_rows]
            begin += batch.num_rows
            yield from batch.filter(pa.array(mask))["tokens"].to_pylist()


def _row_mask(path: Path, *splits: str, most: int | None = None) -> npt.NDArray[np.bool_]:
    """Mask of the rows that :func:`read_examples` reads, shape (rows,)."""
    split = pq.read_table(path, columns=["split"])["split"]
    found = np.flatnonzero(pc.is_in(split, pa.array(splits)).to_numpy())
    if most is not None and len(found) > most:
        found = np.random.default_rng(0).choice(found, most, replace=False)
    mask = np.zeros(len(split), bool)
    mask[found] = True
    return mask
