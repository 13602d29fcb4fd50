"""Sequences of integers, stored flat, and batches of like length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.records import SPLITS
from pipeline.settings import EncodeSettings
from pipeline.vocabulary import PAD, UNKNOWN, Vocabulary
from pipeline.workspace import atomic_path

VERSION = 1
BATCHES_SORTED_TOGETHER = 50

IntArray = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Sequences:
    """Rows of different length in one flat array.

    Attributes:
        flat: int32, all rows one after the other.
        offsets: int64 of shape (rows + 1,); row i is ``flat[offsets[i]:offsets[i + 1]]``.
    """

    flat: IntArray
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Length of each row."""
        return np.diff(self.offsets)

    @classmethod
    def encode(
        cls, texts: Iterable[list[str]], vocabulary: Vocabulary, max_length: int
    ) -> Sequences:
        """Encode tokens; what goes beyond ``max_length`` is cut off at the end."""
        rows = [np.asarray(vocabulary.encode(text, max_length), np.int32) for text in texts]
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        flat = np.concatenate(rows) if rows else np.empty(0, np.int32)
        return cls(flat, np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]))

    def take(self, rows: npt.NDArray[np.intp]) -> Sequences:
        """The rows at these indices, in this order."""
        parts = [self.flat[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths[rows])])
        return Sequences(np.concatenate(parts) if parts else self.flat[:0], offsets)

    def padded(self, rows: npt.NDArray[np.intp]) -> IntArray:
        """These rows as an array (rows, longest of them), padded with 0 at the end."""
        lengths = self.lengths[rows]
        batch = np.full((len(rows), int(lengths.max())), PAD, np.int32)
        for line, row, length in zip(batch, rows, lengths, strict=True):
            line[:length] = self.flat[self.offsets[row] : self.offsets[row] + length]
        return batch


def batches_by_length(
    lengths: npt.NDArray[np.int64], batch_size: int, random: np.random.Generator | None = None
) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the row indices of batches whose rows are of like length.

    With ``random`` rows and batches come shuffled, sorted by length only among the rows of
    ``BATCHES_SORTED_TOGETHER`` batches; without, all rows are sorted.
    """
    if random is None:
        order = np.argsort(lengths, kind="stable")
        yield from (order[i : i + batch_size] for i in range(0, len(order), batch_size))
        return
    order = random.permutation(len(lengths))
    pool = batch_size * BATCHES_SORTED_TOGETHER
    for start in range(0, len(order), pool):
        rows = order[start : start + pool]
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        starts = np.arange(0, len(rows), batch_size)
        yield from (rows[i : i + batch_size] for i in random.permutation(starts))


def read_tokens(examples: Path, tokens: Path, split: str) -> tuple[list[list[str]], list[int]]:
    """Tokens and labels of one split's examples."""
    table = pq.read_table(examples, columns=["split", "label"])
    table = table.append_column("tokens", pq.read_table(tokens)["tokens"])
    table = table.filter(pc.equal(table["split"], split))
    return table["tokens"].to_pylist(), table["label"].to_pylist()


def encode_dataset(
    examples: Path, tokens: Path, vocabulary: Vocabulary, output: Path, settings: EncodeSettings
) -> dict[str, Any]:
    """Write ``dataset.npz`` from ``examples.parquet`` and ``tokens.parquet``.

    Returns:
        Number of rows, number of rows that were cut off, and the share of the validation split's
        tokens that are not in the vocabulary.
    """
    splits = {}
    details: dict[str, Any] = {"rows": 0, "cut": 0}
    for split in SPLITS:
        texts, labels = read_tokens(examples, tokens, split)
        sequences = Sequences.encode(texts, vocabulary, settings.max_length)
        splits[split] = sequences, np.asarray(labels, np.int8)
        details["rows"] += len(texts)
        details["cut"] += sum(len(text) > settings.max_length for text in texts)
        if split == "validation":
            details["unknown_share"] = float(np.mean(sequences.flat == UNKNOWN))
    save_dataset(output, splits)
    return details


def save_dataset(
    path: Path,
    splits: dict[str, tuple[Sequences, npt.NDArray[np.int8]]],
) -> None:
    """Write sequences and labels of each split as one ``.npz`` without pickles."""
    arrays: dict[str, Any] = {}
    for split, (sequences, labels) in splits.items():
        arrays[f"{split}_flat"] = sequences.flat
        arrays[f"{split}_offsets"] = sequences.offsets
        arrays[f"{split}_labels"] = labels
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)


def load_split(path: Path, split: str) -> tuple[Sequences, npt.NDArray[np.int8]]:
    """Sequences and labels (0 or 1) of one split of what :func:`save_dataset` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        sequences = Sequences(arrays[f"{split}_flat"], arrays[f"{split}_offsets"])
        return sequences, arrays[f"{split}_labels"]
