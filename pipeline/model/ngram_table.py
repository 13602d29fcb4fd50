"""Maps the 64-bit hash of each n-gram to its column in the feature matrix.

Looks up tens of thousands of texts per second with NumPy alone, and gives bit for bit the features
of scikit-learn's ``TfidfVectorizer`` for the same n-grams. The n-grams themselves are not stored:
they are words of reviews, and their hashes load in milliseconds.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import offsets_of
from pipeline.errors import RunError
from pipeline.model.ngram_features import (
    CHARACTERS,
    LONGEST_TEXT,
    MARK,
    TOKENS,
    NgramFeatures,
)
from pipeline.model.ngram_frequencies import document_frequencies, inverse
from pipeline.model.token_codes import Coded, TokenCodes
from pipeline.starter.hashing import Hashes, character_codes, ngram_hashes
from pipeline.tokenizer.flat_tokens import FlatTokens

if TYPE_CHECKING:
    import scipy.sparse as sp

MOST_AT_ONCE = 250
"""Number of texts looked up at once, so that their n-grams stay in the processor's cache."""
TOKEN_SEED = 0x2545F4914F6CDD1D
"""Hash seed of token n-grams, so that they differ from the hashes of character n-grams."""
_CHARACTER_SIZES = range(CHARACTERS[0], CHARACTERS[1] + 1)
_TOKEN_SIZES = range(TOKENS[0], TOKENS[1] + 1)
SPARE_BITS = 1
"""Doubles the number of buckets, so that few buckets hold several n-grams."""
_SPACES = re.compile(r"\s\s+")


class Places(NamedTuple):
    """Occurrences of known n-grams in texts.

    Attributes:
        rows: Text of each occurrence.
        columns: Column of its n-gram.
        begins: Its first character or token within the text.
        sizes: Number of its characters or tokens.
    """

    rows: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]


class _Rows(NamedTuple):
    """Features of some texts in row order, and the number of features of each row."""

    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    sizes: npt.NDArray[np.int64]


class NgramTable:
    """Known n-grams with their columns and inverse document frequencies. Threads may share it.

    Attributes:
        hashes: uint64, sorted, shape (n-grams,).
        columns: int32, the column of each hash.
        idf: float32, the inverse document frequency of each column.
    """

    def __init__(
        self,
        hashes: Hashes,
        columns: npt.NDArray[np.int32],
        idf: npt.NDArray[np.float32],
    ) -> None:
        self.hashes, self.columns, self.idf = hashes, columns, idf
        bits = max(1, len(hashes).bit_length())
        self._bits, self._mask = np.uint32(bits), np.uint32((1 << bits) - 1)
        self._at_once = min(MOST_AT_ONCE, 1 << (32 - bits))  # row and column share 32 bits
        self._buckets = _Buckets(hashes, columns, bits + SPARE_BITS)
        self._codes = TokenCodes()

    @classmethod
    def fit(
        cls, texts: Sequence[str], tokens: Iterable[Sequence[str]] | None, min_texts: int
    ) -> tuple[NgramTable, sp.csr_matrix]:
        """Collect the n-grams of texts, in the order of their hashes.

        The features equal those of scikit-learn's ``TfidfVectorizer``, whose Python analyzers are
        many times slower.

        Args:
            texts: Cleaned texts.
            tokens: Tokens of each text; None for characters only.
            min_texts: Minimum document frequency of an n-gram.

        Returns:
            The table, and the features of the texts in double precision.
        """
        flat = None if tokens is None else FlatTokens.of(tokens)
        cut = _in_parts(texts, flat, TokenCodes(), MOST_AT_ONCE)
        hashes, frequencies = document_frequencies(_occurrences(*part) for part in cut)
        is_frequent = frequencies >= min_texts
        idf = inverse(frequencies[is_frequent], len(texts))
        table = cls(hashes[is_frequent], np.arange(len(idf), dtype=np.int32), idf)
        return table, table.transform(texts, flat).astype(np.float64)

    @classmethod
    def of(cls, ngrams: Sequence[str], idf: npt.NDArray[np.float32]) -> NgramTable:
        """Make the table of n-grams, given in the order of their columns.

        Raises:
            RunError: Two n-grams have the same hash, a chance of about one in ten million models.
        """
        hashes = _hashes_of(ngrams)
        order = np.argsort(hashes)
        hashes = hashes[order]
        if np.any(hashes[1:] == hashes[:-1]):
            raise RunError("two n-grams have the same hash: train with another number of reviews")
        return cls(hashes, order.astype(np.int32), idf.astype(np.float32))

    def __len__(self) -> int:
        return len(self.hashes)

    def __repr__(self) -> str:
        return f"NgramTable(ngrams={len(self)})"

    def transform(
        self, texts: Sequence[str], tokens: FlatTokens | Iterable[Sequence[str]] | None = None
    ) -> sp.csr_matrix:
        """The result of :meth:`features` as a matrix, float32, shape (texts, n-grams)."""
        return self.features(texts, tokens).matrix

    def features(
        self,
        texts: Sequence[str],
        tokens: FlatTokens | Iterable[Sequence[str]] | None = None,
    ) -> NgramFeatures:
        """TF-IDF values of the n-grams of cleaned texts, in rows of unit length.

        Args:
            texts: Cleaned texts.
            tokens: Tokens of each text; None for characters only.
        """
        parts = [_Rows(np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(0, np.int64))]
        cut = _in_parts(texts, tokens, self._codes, self._at_once)
        parts += [self._rows(some, coded) for some, coded in cut]
        columns, values, sizes = map(np.concatenate, zip(*parts, strict=True))
        return NgramFeatures(columns, values, sizes, len(self))

    def character_places(self, texts: Sequence[str]) -> Places:
        """Occurrences of known character n-grams in cleaned texts."""
        coded = character_codes([text[:LONGEST_TEXT].lower() for text in texts])
        return self._places(coded, _CHARACTER_SIZES)

    def token_places(self, tokens: Sequence[Sequence[str]]) -> Places:
        """Occurrences of known token n-grams in the tokens of texts."""
        return self._places(self._codes.of(tokens), _TOKEN_SIZES, TOKEN_SEED)

    def _places(self, coded: Coded, sizes: Sequence[int], seed: int = 0) -> Places:
        codes, lengths = coded
        rows, offsets = np.repeat(np.arange(len(lengths)), lengths), offsets_of(lengths)
        parts = []
        for size, begins, hashes in ngram_hashes(codes, lengths, sizes, seed):
            known, columns = self._buckets.find(hashes)
            begins = begins[known]
            of_text, size_of_all = rows[begins], np.full(len(known), size, np.int64)
            own = columns.astype(np.int64)
            parts.append(Places(of_text, own, begins - offsets[of_text], size_of_all))
        return Places(*map(np.concatenate, zip(*parts, strict=True)))

    def _rows(self, texts: Sequence[str], tokens: Coded | None) -> _Rows:
        """Features of at most ``_at_once`` texts."""
        rows, hashes = _occurrences(texts, tokens)
        known, columns = self._buckets.find(hashes)
        every = np.sort((rows[known] << self._bits) | columns)
        is_first = np.ones(len(every), bool)
        np.not_equal(every[1:], every[:-1], out=is_first[1:])
        firsts = np.flatnonzero(is_first)
        counts = np.diff(firsts, append=len(every))
        distinct = every[firsts]
        of_text = (distinct >> self._bits).astype(np.int64)
        own = (distinct & self._mask).astype(np.int32)
        values = _tf_idf(counts, self.idf[own], of_text, len(texts))
        return _Rows(own, values, np.bincount(of_text, minlength=len(texts)))


class _Buckets:
    """Hash table from hashes to columns; the upper bits of a hash are its bucket's number.

    An entry holds the remaining bits of a hash and its column. So ``entry ^ wanted`` is the column
    if the bits agree, else a number larger than any column.
    """

    def __init__(self, hashes: Hashes, columns: npt.NDArray[np.int32], bits: int) -> None:
        self._size = len(hashes)
        self._bits, self._shift = np.uint64(bits), np.uint64(64 - bits)
        counts = np.bincount((hashes >> self._shift).view(np.int64), minlength=1 << bits)
        self._offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        self._entries = (hashes << self._bits) | columns.astype(np.uint64)
        filled = np.flatnonzero(counts)
        self._firsts = np.full(1 << bits, (1 << bits) - 1, np.uint64)  # not a column
        self._firsts[filled] = self._entries[self._offsets[filled]]

    def find(self, hashes: Hashes) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint32]]:
        """Indices of the known ones among the given hashes, and their columns."""
        buckets = (hashes >> self._shift).view(np.int64)
        wanted = hashes << self._bits
        found = self._firsts[buckets]
        found ^= wanted
        rest = np.flatnonzero(found >= self._size)
        of_rest = buckets[rest]
        places, ends = self._offsets[of_rest] + 1, self._offsets[of_rest + 1]
        while len(inside := np.flatnonzero(places < ends)):
            rest, places, ends = rest[inside], places[inside], ends[inside]
            found[rest] = again = self._entries[places] ^ wanted[rest]
            unlike = np.flatnonzero(again >= self._size)
            rest, places, ends = rest[unlike], places[unlike] + 1, ends[unlike]
        known = np.flatnonzero(found < self._size)
        return known, found[known].astype(np.uint32)


def _in_parts(
    texts: Sequence[str],
    tokens: FlatTokens | Iterable[Sequence[str]] | None,
    codes: TokenCodes,
    size: int,
) -> Iterator[tuple[Sequence[str], Coded | None]]:
    """Chunks of ``size`` texts, each with the codes of its tokens."""
    cut = [texts[begin : begin + size] for begin in range(0, len(texts), size)]
    coded = itertools.repeat(None) if tokens is None else codes.in_parts(tokens, map(len, cut))
    return zip(cut, coded, strict=False)


def _occurrences(
    texts: Sequence[str], tokens: Coded | None
) -> tuple[npt.NDArray[np.uint32], Hashes]:
    """Text and hash of each n-gram occurrence."""
    read = [text[:LONGEST_TEXT].lower() for text in texts]
    if _SPACES.search("\0".join(read)):
        read = [_SPACES.sub(" ", text) for text in read]
    kinds = [(character_codes(read), _CHARACTER_SIZES, 0)]
    if tokens is not None:
        kinds.append((tokens, _TOKEN_SIZES, TOKEN_SEED))
    rows, found = [], []
    for (codes, lengths), sizes, seed in kinds:
        own = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
        for _, begins, hashes in ngram_hashes(codes, lengths, sizes, seed):
            rows.append(own[begins])
            found.append(hashes)
    return np.concatenate(rows), np.concatenate(found)


def _hashes_of(ngrams: Sequence[str]) -> Hashes:
    """The hash of each n-gram; token n-grams begin with ``MARK``."""
    hashes = np.zeros(len(ngrams), np.uint64)
    is_token = np.array([ngram.startswith(MARK) for ngram in ngrams], bool)
    texts = [ngram for ngram in ngrams if not ngram.startswith(MARK)]
    hashes[~is_token] = _whole(*character_codes(texts), _CHARACTER_SIZES, 0)
    tokens = [ngram[len(MARK) :].split(MARK) for ngram in ngrams if ngram.startswith(MARK)]
    hashes[is_token] = _whole(*TokenCodes().of(tokens), _TOKEN_SIZES, TOKEN_SEED)
    return hashes


def _whole(
    codes: Hashes, lengths: npt.NDArray[np.int64], sizes: Sequence[int], seed: int
) -> Hashes:
    """The hash of each whole sequence, as a single n-gram."""
    result = np.zeros(len(lengths), np.uint64)
    starts = np.cumsum(lengths) - lengths
    for size, begins, hashes in ngram_hashes(codes, lengths, sizes, seed):
        own = np.flatnonzero(lengths == size)
        result[own] = hashes[np.searchsorted(begins, starts[own])]
    return result


def _tf_idf(
    counts: npt.NDArray[np.int64],
    idf: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    texts: int,
) -> npt.NDArray[np.float32]:
    """Sublinear term frequency times idf in rows of unit length, rounded as scikit-learn rounds."""
    values = counts.astype(np.float32)
    np.log(values, out=values)
    values += np.float32(1)
    values *= idf
    lengths = np.sqrt(np.bincount(rows, values * values, texts))
    return (values / lengths[rows]).astype(np.float32)
