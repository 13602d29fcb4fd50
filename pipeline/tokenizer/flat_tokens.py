"""The tokens of many texts as arrays; each distinct token is stored once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class FlatTokens:
    """Tokens of texts.

    Attributes:
        distinct: Tokens without repetition.
        places: int32, the index in ``distinct`` of each token, text after text.
        lengths: int64, number of tokens of each text.
    """

    distinct: list[str]
    places: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> FlatTokens:
        """Collect the tokens of texts."""
        numbers: dict[str, int] = {}
        places, lengths = array("i"), array("q")
        for tokens in texts:
            places.extend([numbers.setdefault(token, len(numbers)) for token in tokens])
            lengths.append(len(tokens))
        return cls(list(numbers), np.array(places, np.int32), np.array(lengths, np.int64))

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[list[str]]:
        """Yield the tokens of each text."""
        tokens, begin = list(map(self.distinct.__getitem__, self.places.tolist())), 0
        for length in self.lengths.tolist():
            yield tokens[begin : begin + length]
            begin += length
