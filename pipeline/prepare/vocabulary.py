"""The vocabulary: maps tokens to integer ids."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.bounded_json import load_json
from pipeline.errors import WorkspaceError
from pipeline.settings import VocabularySettings
from pipeline.storage.files import write_json

if TYPE_CHECKING:
    import pyarrow as pa

VOCABULARY_VERSION = 2
PAD, UNKNOWN = 0, 1
PAD_TOKEN, UNKNOWN_TOKEN = "<pad>", "<unk>"
RESERVED = [PAD_TOKEN, UNKNOWN_TOKEN]


class Vocabulary:
    """Token ids by frequency rank: ``<pad>`` is 0, ``<unk>`` is 1, the most frequent token is 2.

    If the strings ``<pad>`` and ``<unk>`` occur as tokens of a text, they are encoded as ``<unk>``.

    Attributes:
        counts: Training frequency of each token, in the order of ids; for ``<unk>`` the total
            frequency of the tokens outside the vocabulary.
        ids: Id of each token, without the reserved ones.
    """

    def __init__(self, counts: Mapping[str, int], unknown: int = 0) -> None:
        """Assign ids in the order of ``counts``.

        Args:
            counts: Frequency by token, without ``<pad>`` and ``<unk>``.
            unknown: Frequency of ``<unk>``.
        """
        self.counts = {PAD_TOKEN: 0, UNKNOWN_TOKEN: unknown, **counts}
        self.ids = {token: number for number, token in enumerate(counts, len(RESERVED))}

    def __len__(self) -> int:
        return len(self.counts)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} entries)"

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the tokens in the order of ids."""
        tokens = json.dumps(list(self.counts), ensure_ascii=False)
        return hashlib.sha256(tokens.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def build(cls, texts: Iterable[Iterable[str]], settings: VocabularySettings) -> Vocabulary:
        """Build a vocabulary of the most frequent tokens of tokenized texts."""
        import pyarrow as pa

        from pipeline.prepare.token_counts import counts_of, ranked

        tokens = pa.array([token for text in texts for token in text], pa.string())
        return cls.from_counts(ranked([counts_of(tokens)]), settings)

    @classmethod
    def from_counts(cls, counts: pa.Table, settings: VocabularySettings) -> Vocabulary:
        """Build a vocabulary of the most frequent tokens.

        Args:
            counts: Result of :func:`pipeline.prepare.token_counts.count_tokens`.
            settings: ``size``, including the reserved entries, and ``min_count``.
        """
        import pyarrow.compute as pc

        frequent = pc.field("count") >= settings.min_count
        reserved = pc.field("token").isin(RESERVED)
        kept = counts.filter(frequent & ~reserved).slice(0, settings.size - len(RESERVED))
        numbered = dict(zip(kept["token"].to_pylist(), kept["count"].to_pylist(), strict=True))
        total = int(pc.sum(counts["count"], min_count=0).as_py())
        return cls(numbered, total - sum(numbered.values()))

    def encode(self, tokens: pa.StringArray) -> npt.NDArray[np.int32]:
        """The id of each token, shape (tokens,)."""
        import pyarrow as pa
        import pyarrow.compute as pc

        known = pa.array(list(self.ids), pa.string())
        places = pc.index_in(tokens, value_set=known).fill_null(UNKNOWN - len(RESERVED))
        return np.asarray(places, np.int32) + np.int32(len(RESERVED))

    def save(self, path: Path) -> None:
        """Write a JSON object of token -> count, one token per line, in the order of ids."""
        write_json(path, self.counts)

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Load a file written by :meth:`save`.

        Raises:
            WorkspaceError: The file is missing or malformed, repeats a token or lacks the
                reserved entries.
        """
        try:
            entries = load_json(path.read_bytes(), object_pairs_hook=list)
            counts = _checked(entries)
            unknown = counts.pop(UNKNOWN_TOKEN)
            del counts[PAD_TOKEN]
            return cls(counts, unknown)
        except (OSError, ValueError) as error:
            raise WorkspaceError(
                f"{path} is not a vocabulary: {error}; recreate it with `review-sentiment run`"
            ) from error


def _checked(entries: Any) -> dict[str, int]:
    """Validate the entries of a vocabulary file; raise a ValueError that names the defect."""
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
