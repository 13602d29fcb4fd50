"""64-bit codes of tokens, from which the hashes of token n-grams are computed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

import numpy as np
import numpy.typing as npt

from pipeline.arrays import offsets_of
from pipeline.model.ngram_features import LONGEST_TEXT
from pipeline.starter.hashing import Hashes
from pipeline.tokenizer.flat_tokens import FlatTokens

MOST_CODES = 1_000_000
"""Number of cached codes above which the cache is cleared."""

Coded = tuple[Hashes, npt.NDArray[np.int64]]
"""Token codes of all texts, concatenated, and the number of tokens of each text."""


class TokenCodes(dict[str, int]):
    """A 64-bit code for each token."""

    def __missing__(self, token: str) -> int:
        digest = hashlib.blake2b(token.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[token] = code = int.from_bytes(digest, "little") or 1
        return code

    def of(self, tokens: Iterable[Sequence[str]]) -> Coded:
        """Codes of the tokens of all texts, and the number of tokens of each text."""
        if len(self) > MOST_CODES:
            self.clear()
        cut = [own[:LONGEST_TEXT] for own in tokens]
        lengths = np.array([len(own) for own in cut], np.int64)
        codes = map(self.__getitem__, chain.from_iterable(cut))
        return np.fromiter(codes, np.uint64, int(lengths.sum())), lengths

    def in_parts(
        self, tokens: FlatTokens | Iterable[Sequence[str]], sizes: Iterable[int]
    ) -> Iterator[Coded]:
        """Token codes of consecutive parts of the texts, of the given sizes; see :meth:`of`."""
        if not isinstance(tokens, FlatTokens):
            rest = iter(tokens)
            yield from (self.of(islice(rest, size)) for size in sizes)
            return
        if len(self) > MOST_CODES:
            self.clear()
        known = map(self.__getitem__, tokens.distinct)
        distinct = np.fromiter(known, np.uint64, len(tokens.distinct))
        ends = offsets_of(tokens.lengths)
        begin = 0
        for size in sizes:
            lengths = tokens.lengths[begin : begin + size]
            places = tokens.places[ends[begin] : ends[begin + len(lengths)]]
            if lengths.max(initial=0) > LONGEST_TEXT:
                within = np.arange(len(places)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
                places, lengths = places[within < LONGEST_TEXT], np.minimum(lengths, LONGEST_TEXT)
            yield distinct[places], lengths
            begin += size
