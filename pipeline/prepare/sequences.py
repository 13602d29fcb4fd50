"""Integer sequences in flat arrays, and batches of similar length."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import IntArray, Labels, offsets_of, ranges
from pipeline.prepare.vocabulary import PAD, UNKNOWN, Vocabulary
from pipeline.storage.files import atomic_path
from pipeline.tokenizer.flat_tokens import FlatTokens

BATCHES_SORTED_TOGETHER = 50
ARRAYS: dict[str, np.dtype[Any]] = {
    "flat": np.dtype("<i4"),
    "offsets": np.dtype("<i8"),
    "labels": np.dtype("<f4"),
}
"""The arrays of each split in ``dataset.npz``, stored as ``<split>_<name>``."""


@dataclass(frozen=True)
class Sequences:
    """Ragged array of token ids.

    Attributes:
        flat: int32, all rows concatenated.
        offsets: int64 of shape (rows + 1,); row i is ``flat[offsets[i]:offsets[i + 1]]``.
    """

    flat: IntArray
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Length of each row, shape (rows,)."""
        return np.diff(self.offsets)

    @property
    def unknown_shares(self) -> npt.NDArray[np.float64]:
        """Share of out-of-vocabulary tokens in each row, shape (rows,)."""
        unknown = np.add.reduceat(self.flat == UNKNOWN, self.offsets[:-1], dtype=np.int64)
        return np.asarray(unknown / self.lengths)

    @classmethod
    def encode(
        cls, texts: Iterable[list[str]], vocabulary: Vocabulary, max_length: int | None = None
    ) -> Sequences:
        """Map tokens to ids and truncate; see :meth:`cut`."""
        return cls.of(FlatTokens.of(texts), vocabulary, max_length)

    @classmethod
    def of(
        cls, tokens: FlatTokens, vocabulary: Vocabulary, max_length: int | None = None
    ) -> Sequences:
        """Map tokens to ids and truncate; see :meth:`cut`."""
        get = vocabulary.ids.get
        ids = np.array([get(token, UNKNOWN) for token in tokens.distinct], np.int32)
        return cls.cut(ids[tokens.places], tokens.lengths, max_length)

    @classmethod
    def cut(
        cls, flat: IntArray, lengths: npt.NDArray[np.integer], max_length: int | None = None
    ) -> Sequences:
        """Truncate rows to their first ``max_length`` ids.

        Args:
            flat: All rows concatenated.
            lengths: Length of each row. An empty row becomes a single ``<unk>``.
            max_length: At least 1; None keeps all ids.
        """
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        flat = np.insert(flat, starts[lengths == 0], UNKNOWN)
        lengths = np.maximum(lengths, 1)
        starts = np.cumsum(lengths, dtype=np.int64) - lengths
        if max_length is not None:
            flat = flat[np.arange(len(flat)) - np.repeat(starts, lengths) < max_length]
            lengths = np.minimum(lengths, max_length)
        return cls(flat, offsets_of(lengths))

    @classmethod
    def joined(cls, parts: Sequence[Sequences]) -> Sequences:
        """Concatenate the rows of all parts."""
        lengths = np.concatenate([part.lengths for part in parts])
        return cls(np.concatenate([part.flat for part in parts]), offsets_of(lengths))

    def take(self, rows: npt.NDArray[np.intp]) -> Sequences:
        """Select rows by index, in the given order."""
        lengths = self.lengths[rows]
        return Sequences(self.flat[ranges(self.offsets[rows], lengths)], offsets_of(lengths))

    def padded(self, rows: npt.NDArray[np.intp]) -> IntArray:
        """Select rows as an array (rows, length of the longest), padded with 0 at the end."""
        lengths = self.lengths[rows, None]
        places = np.arange(lengths.max())
        found = self.flat[np.minimum(self.offsets[rows, None] + places, len(self.flat) - 1)]
        return np.where(places < lengths, found, np.int32(PAD))


Labelled = tuple[Sequences, Labels]
"""Sequences and their labels, shape (sequences,)."""


def batches_by_length(
    lengths: npt.NDArray[np.int64], batch_size: int, random: np.random.Generator | None = None
) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the row indices of batches of similar length, which need little padding.

    Args:
        lengths: Length of each row, shape (rows,).
        batch_size: Rows per batch; the last batch may be smaller.
        random: Shuffles rows and batches; rows are then sorted by length only within groups of
            ``BATCHES_SORTED_TOGETHER`` batches. None sorts all rows, shortest first.
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


@contextlib.contextmanager
def dataset_writer(
    path: Path, splits: Iterable[str]
) -> Iterator[Callable[[str, Sequences, Labels], None]]:
    """Context manager that yields ``write(split, sequences, labels)``, which appends rows.

    Rows are buffered in temporary files, so memory use is constant. If the block exits without
    an error, ``path`` is written atomically as an uncompressed, pickle-free ``.npz`` whose bytes
    depend on the rows only.
    """
    with contextlib.ExitStack() as stack:
        parts: dict[tuple[str, str], IO[bytes]] = {}
        for split, (name, kind) in itertools.product(splits, ARRAYS.items()):
            part = stack.enter_context(tempfile.TemporaryFile(dir=path.parent))
            part.write(bytes(kind.itemsize) if name == "offsets" else b"")
            parts[split, name] = part

        def write(split: str, sequences: Sequences, labels: Labels) -> None:
            begin = parts[split, "flat"].tell() // ARRAYS["flat"].itemsize
            arrays: dict[str, npt.NDArray[Any]] = {
                "flat": sequences.flat, "offsets": begin + sequences.offsets[1:], "labels": labels,
            }  # fmt: skip
            for name, kind in ARRAYS.items():
                parts[split, name].write(arrays[name].astype(kind).tobytes())

        yield write
        with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
            for (split, name), file in parts.items():
                _store(archive, f"{split}_{name}", file, ARRAYS[name])


def _store(archive: zipfile.ZipFile, name: str, file: IO[bytes], kind: np.dtype[Any]) -> None:
    """Add the raw values in ``file`` to the archive as an ``.npy`` array."""
    shape = (file.tell() // kind.itemsize,)
    file.seek(0)
    with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
        header = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(member, header)
        shutil.copyfileobj(file, member)


def load_split(path: Path, split: str) -> Labelled:
    """Load the sequences and labels of one split of ``dataset.npz``."""
    with np.load(path, allow_pickle=False) as arrays:
        sequences = Sequences(arrays[f"{split}_flat"], arrays[f"{split}_offsets"])
        return sequences, arrays[f"{split}_labels"]
