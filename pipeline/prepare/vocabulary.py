"""The vocabulary: which integer stands for which token."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import WorkspaceError
from pipeline.prepare.tokens import read_tokens
from pipeline.reviews.review import UNLABELED
from pipeline.settings import VocabularySettings
from pipeline.storage.files import write_json

VERSION = 2
PAD, UNKNOWN = 0, 1
PAD_TOKEN, UNKNOWN_TOKEN = "<pad>", "<unk>"
RESERVED = [PAD_TOKEN, UNKNOWN_TOKEN]
COUNTED = ("train", "validation")
"""Reviews without a label count as training."""
COUNTS_SUMMED_AT_ONCE = 500_000
COVERAGE_SIZES = (1_000, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000)


class Vocabulary:
    """Tokens by rank of frequency; ``<pad>`` is 0, ``<unk>`` is 1, the most frequent token 2.

    A text that holds ``<pad>`` or ``<unk>`` as a token of its own is read as if it were unknown.

    Attributes:
        counts: How often the training split has each token, in the order of their integers;
            for ``<unk>`` that of all tokens without an integer of their own.
    """

    def __init__(self, counts: Mapping[str, int], unknown: int = 0) -> None:
        """Number tokens in the order given, which holds neither ``<pad>`` nor ``<unk>``."""
        self.counts = {PAD_TOKEN: 0, UNKNOWN_TOKEN: unknown, **counts}
        self._numbered = pa.array(list(counts), pa.string())

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} entries)"

    @classmethod
    def build(cls, texts: Iterable[Iterable[str]], settings: VocabularySettings) -> Vocabulary:
        """Keep the most frequent tokens of the texts."""
        tokens = pa.array([token for text in texts for token in text], pa.string())
        return cls.from_counts(_ranked([_counts(tokens, "train")]), settings)

    @classmethod
    def from_counts(cls, counts: pa.Table, settings: VocabularySettings) -> Vocabulary:
        """Keep the most frequent tokens of the training split.

        Args:
            counts: What :func:`count_tokens` found.
            settings: How many to keep at most, and how frequent they have to be.
        """
        frequent = pc.field("train") >= settings.min_count
        reserved = pc.field("token").isin(RESERVED)
        kept = counts.filter(frequent & ~reserved).slice(0, settings.size - len(RESERVED))
        numbered = dict(zip(kept["token"].to_pylist(), kept["train"].to_pylist(), strict=True))
        return cls(numbered, _total(counts, "train") - sum(numbered.values()))

    def encode(self, tokens: pa.StringArray) -> npt.NDArray[np.int32]:
        """The integer of each token."""
        places = pc.index_in(tokens, value_set=self._numbered).fill_null(UNKNOWN - len(RESERVED))
        return np.asarray(places, np.int32) + np.int32(len(RESERVED))

    def save(self, path: Path) -> None:
        """Write a JSON object, token -> count, one token a line, in the order of integers."""
        write_json(path, self.counts)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what :meth:`save` wrote.

        Raises:
            WorkspaceError: The file is missing, broken, holds a token twice or lacks the
                reserved entries.
        """
        try:
            entries = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
            counts = _checked(entries)
            unknown = counts.pop(UNKNOWN_TOKEN)
            del counts[PAD_TOKEN]
            return cls(counts, unknown)
        except (OSError, ValueError) as error:
            raise WorkspaceError(
                f"{path} is not a vocabulary: {error}; make it again with `review-sentiment run`"
            ) from error


def count_tokens(examples: Path, tokens: Path) -> pa.Table:
    """How often each token is in the training and in the validation split.

    Args:
        examples: ``examples.parquet``.
        tokens: ``tokens.parquet``.

    Returns:
        A table of ``token``, ``train`` and ``validation``, the most frequent in training first;
        of equally frequent ones, the first in code order. Memory grows with the number of
        distinct tokens, not with that of the texts.
    """
    parts: list[pa.Table] = []
    for split, rows in read_tokens(examples, tokens):
        counted = "train" if split == UNLABELED else split
        if counted in COUNTED:
            parts.append(_counts(rows["tokens"].flatten(), counted))
        if sum(part.num_rows for part in parts[1:]) > COUNTS_SUMMED_AT_ONCE:
            parts = [_sum(parts)]
    return _ranked(parts)


def coverage(counts: pa.Table) -> list[dict[str, Any]]:
    """What vocabularies of growing size know, up to one of all tokens of the training split.

    Args:
        counts: What :func:`count_tokens` found.

    Returns:
        For each ``size`` (without reserved entries) the shares of the ``train`` and of the
        ``validation`` split's tokens that are among the ``size`` most frequent of training.
    """
    distinct = int(np.count_nonzero(counts["train"]))
    sizes = [*(size for size in COVERAGE_SIZES if size < distinct), distinct]
    known = {split: np.cumsum([0, *counts[split].to_pylist()]) for split in COUNTED}
    return [
        {"size": size}
        | {split: float(sums[size] / max(sums[-1], 1)) for split, sums in known.items()}
        for size in sizes
    ]


def _counts(tokens: pa.StringArray, split: str) -> pa.Table:
    found = pc.value_counts(tokens)
    none = pa.repeat(pa.scalar(0, pa.int64()), len(found))
    columns = {name: found.field("counts") if name == split else none for name in COUNTED}
    return pa.table({"token": found.field("values"), **columns})


def _sum(parts: list[pa.Table]) -> pa.Table:
    summed = pa.concat_tables(parts).group_by("token").aggregate([(s, "sum") for s in COUNTED])
    return summed.rename_columns(["token", *COUNTED])


def _total(counts: pa.Table, split: str) -> int:
    return int(pc.sum(counts[split], min_count=0).as_py())


def _ranked(parts: list[pa.Table]) -> pa.Table:
    return _sum(parts).sort_by([("train", "descending"), ("token", "ascending")])


def _checked(entries: Any) -> dict[str, int]:
    """The entries of a vocabulary file; ValueError says what is wrong with them."""
    if not isinstance(entries, list) or not all(
        isinstance(entry, tuple) and type(entry[1]) is int and entry[1] >= 0 for entry in entries
    ):
        raise ValueError("it does not map each token to its count")
    counts = dict(entries)
    if len(counts) < len(entries):
        twice = Counter(token for token, _ in entries).most_common(1)[0][0]
        raise ValueError(f"it holds {twice!r} twice")
    if list(counts)[: len(RESERVED)] != RESERVED:
        raise ValueError(f"it does not begin with {PAD_TOKEN} and {UNKNOWN_TOKEN}")
    return counts
