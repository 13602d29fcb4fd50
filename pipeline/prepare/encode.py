"""The dataset stage: tokens become sequences of integers of a limited length."""

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
from pipeline.reviews.review import SPLITS, UNLABELED
from pipeline.settings import EncodeSettings
from pipeline.storage import names
from pipeline.storage.files import write_text

logger = logging.getLogger(__name__)

VERSION = 3

PARTS = (*SPLITS, UNLABELED)
NO_LABEL = -1

Histogram = npt.NDArray[np.int64]
"""Number of texts that have as many tokens as the index says."""


def encode_dataset(
    examples: Path, tokens: Path, vocabulary: Vocabulary, folder: Path, settings: EncodeSettings
) -> dict[str, Any]:
    """Write ``dataset.npz`` and ``encode.json`` from ``examples.parquet`` and ``tokens.parquet``.

    What goes beyond the length cap is cut off at the end. ``encode.json`` holds the settings with
    the cap that was used, so that new texts can be cut likewise. The rows alone decide the bytes
    of both files, not how the tables are divided into row groups.

    Returns:
        ``rows``, ``max_length``, ``length_percentile`` (None when the cap was set), ``cut`` (rows
        that were cut), and under ``splits`` for each split ``rows``, ``tokens``, ``unknown_share``
        (of the tokens before the cut, those not in the vocabulary), ``cut`` and the number of
        tokens of the ``shortest``, ``median`` and ``longest`` row before the cut.
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
    logger.info("sequences of at most %d tokens: %d of %d texts were cut", cap, cut, total)
    return {
        "rows": total,
        "max_length": cap,
        "length_percentile": None if settings.max_length else settings.length_percentile,
        "cut": cut,
        "splits": splits,
    }


def count_lengths(examples: Path, tokens: Path) -> dict[str, Histogram]:
    """The histogram of text lengths of each split."""
    histograms = dict.fromkeys(PARTS, np.zeros(1, np.int64))
    for split, rows in read_tokens(examples, tokens):
        known = histograms[split]
        sizes = pc.list_value_length(rows["tokens"]).to_numpy()
        histograms[split] = np.bincount(sizes, minlength=len(known))
        histograms[split][: len(known)] += known
    return histograms


def percentile(histogram: Histogram, percent: float) -> int:
    """The least length that ``percent`` % of the texts do not exceed; 0 for no texts."""
    return int(np.searchsorted(100 * np.cumsum(histogram), percent * histogram.sum()))


def _describe(lengths: Histogram, cap: int, unknown: int) -> dict[str, Any]:
    tokens = int(lengths @ np.arange(len(lengths)))
    found = np.flatnonzero(lengths)
    return {
        "rows": int(lengths.sum()),
        "tokens": tokens,
        "unknown_share": unknown / max(tokens, 1),
        "cut": int(lengths[cap + 1 :].sum()),
        "shortest": int(found.min(initial=len(lengths) - 1)),
        "median": percentile(lengths, 50),
        "longest": int(found.max(initial=0)),
    }
