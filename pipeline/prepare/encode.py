"""The dataset stage: encodes tokens as integer sequences of bounded length."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from pipeline.prepare.sequences import Sequences, dataset_writer
from pipeline.prepare.tokens import read_tokens
from pipeline.prepare.vocabulary import UNKNOWN, Vocabulary
from pipeline.reviews.review import SPLITS, WITHOUT_LABEL
from pipeline.settings import EncodeSettings
from pipeline.storage import names
from pipeline.storage.files import write_text

logger = logging.getLogger(__name__)

DATASET_VERSION = 4

PARTS = (*SPLITS, *WITHOUT_LABEL)
NO_LABEL = -1

Histogram = npt.NDArray[np.int64]
"""``histogram[n]`` is the number of texts of n tokens."""


def encode_dataset(
    examples: Path, tokens: Path, vocabulary: Vocabulary, folder: Path, settings: EncodeSettings
) -> dict[str, Any]:
    """Write ``dataset.npz`` and ``encode.json`` from ``examples.parquet`` and ``tokens.parquet``.

    Sequences longer than ``max_length`` are truncated at the end. ``encode.json`` holds the
    settings with the resolved ``max_length``, for encoding new texts the same way. The bytes of
    both files depend only on the rows, not on the row groups of the tables.

    Args:
        examples: ``examples.parquet``.
        tokens: ``tokens.parquet``; each row has the tokens of the same row of ``examples``.
        vocabulary: Maps tokens to integers.
        folder: Folder to which both files are written.
        settings: ``max_length``, or the percentile of training lengths that sets it.

    Returns:
        ``rows``, ``max_length``, ``length_percentile`` (None if ``max_length`` was set), ``cut``
        (number of truncated rows), and under ``splits`` for each split ``rows``, ``tokens``,
        ``unknown_share`` (share of out-of-vocabulary tokens before truncation) and ``cut``.

    Raises:
        WorkspaceError: The two tables differ in their number of rows.
    """
    lengths = count_lengths(examples, tokens)
    cap = settings.max_length or max(1, percentile(lengths["train"], settings.length_percentile))
    unknown = dict.fromkeys(PARTS, 0)
    with dataset_writer(folder / names.DATASET, PARTS) as write:
        for split, rows in read_tokens(examples, tokens):
            ids = vocabulary.encode(rows["tokens"].flatten())
            unknown[split] += int(np.count_nonzero(ids == UNKNOWN))
            sizes = pc.list_value_length(rows["tokens"]).to_numpy()
            write(
                split, Sequences.cut(ids, sizes, cap), rows["label"].fill_null(NO_LABEL).to_numpy()
            )
    resolved = settings.model_copy(update={"max_length": cap})
    write_text(folder / names.ENCODE, resolved.model_dump_json(indent=2) + "\n")
    splits = {split: _describe(lengths[split], cap, unknown[split]) for split in PARTS}
    cut, total = (sum(split[name] for split in splits.values()) for name in ("cut", "rows"))
    logger.info("max_length %d tokens: truncated %s of %s texts", cap, f"{cut:,}", f"{total:,}")
    return {
        "rows": total,
        "max_length": cap,
        "length_percentile": None if settings.max_length else settings.length_percentile,
        "cut": cut,
        "splits": splits,
    }


def count_lengths(examples: Path, tokens: Path) -> dict[str, Histogram]:
    """The histogram of text lengths, in tokens, of each split."""
    histograms = dict.fromkeys(PARTS, np.zeros(1, np.int64))
    for split, rows in read_tokens(examples, tokens):
        known = histograms[split]
        sizes = pc.list_value_length(rows["tokens"]).to_numpy()
        histograms[split] = np.bincount(sizes, minlength=len(known))
        histograms[split][: len(known)] += known
    return histograms


def percentile(histogram: Histogram, percent: float) -> int:
    """The smallest length that at least ``percent`` % of the texts do not exceed; 0 if empty."""
    return int(np.searchsorted(100 * np.cumsum(histogram), percent * histogram.sum()))


def _describe(lengths: Histogram, cap: int, unknown: int) -> dict[str, Any]:
    tokens = int(lengths @ np.arange(len(lengths)))
    return {
        "rows": int(lengths.sum()),
        "tokens": tokens,
        "unknown_share": unknown / max(tokens, 1),
        "cut": int(lengths[cap + 1 :].sum()),
    }
