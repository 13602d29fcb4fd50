"""A small bidirectional LSTM over pieces of words, in NumPy.

Embedding, LSTM in both directions, maximum and mean over time, Dense: the architecture of the
functional network of :mod:`pipeline.model.network`, but without TensorFlow and without a tagger.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, IntArray, offsets_of, ranges
from pipeline.runtime import one_blas_thread
from pipeline.starter.lstm import BidirectionalLstm, Lstm, Single
from pipeline.starter.pieces import Pieces

PIECES_AT_ONCE = 4_096
"""Number of pieces per batch, so that the values of the gates stay in the processor's cache."""
STORED = np.float16
"""Type of the arrays in the file."""


@dataclass(frozen=True)
class StarterNetwork:
    """The network.

    Attributes:
        pieces: The pieces that texts are cut into.
        embedding: Shape (pieces, embedding).
        forward: Reads from the beginning.
        backward: Reads from the end.
        dense: Weights of the pooled states: maxima of both directions, then means.
        intercept: Logit of an empty text.
    """

    pieces: Pieces
    embedding: Single
    forward: Lstm
    backward: Lstm
    dense: Single
    intercept: float

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the network by name, as :meth:`of_arrays` reads them."""
        single = {
            "embedding": self.embedding,
            **{f"forward_{name}": one for name, one in self.forward._asdict().items()},
            **{f"backward_{name}": one for name, one in self.backward._asdict().items()},
            "dense": self.dense,
            "bias": np.array(self.intercept, np.float32),
        }
        stored: dict[str, npt.NDArray[Any]] = {
            name: one.astype(STORED) for name, one in single.items()
        }
        return {"pieces": np.array(self.pieces.known), **stored}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> StarterNetwork:
        """Create the network from the result of :meth:`arrays`."""
        forward, backward = (
            Lstm(*(arrays[f"{side}_{name}"].astype(np.float32) for name in Lstm._fields))
            for side in ("forward", "backward")
        )
        return cls(
            Pieces(arrays["pieces"].tolist()),
            arrays["embedding"].astype(np.float32),
            forward,
            backward,
            arrays["dense"].astype(np.float32),
            float(arrays["bias"]),
        )

    @functools.cached_property
    def _lstm(self) -> BidirectionalLstm:
        return BidirectionalLstm(self.forward, self.backward)

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits of the positive class for cleaned texts without spaces, shape (texts,)."""
        flat, lengths = self.pieces.encode(texts)
        result = np.full(len(lengths), self.intercept)
        begins = np.cumsum(lengths) - lengths
        with _limited(len(flat)):
            for rows in _batches(lengths):
                result[rows] += self._pooled(flat, begins[rows], lengths[rows]) @ self.dense
        return result

    def _embedded(
        self, flat: IntArray, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
    ) -> tuple[Single, list[int]]:
        """Embeddings that both directions read, step by step, and number of texts at each step.

        Args:
            flat: Pieces of all texts, concatenated.
            begins: Index of the first piece of each text.
            lengths: Number of pieces of each text, in descending order.
        """
        steps, texts = np.nonzero(np.arange(lengths[0])[:, None] < lengths)
        first, last = begins[texts], begins[texts] + lengths[texts] - 1
        read = flat[[first + steps, last - steps]]
        return self.embedding[read], np.bincount(steps).tolist()

    def _pooled(
        self, flat: IntArray, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
    ) -> Single:
        """Maxima and means of the states over time, shape (texts, 4 units)."""
        highest, total = np.zeros((2, 2, len(lengths), self._lstm.units), np.float32)
        highest -= 1
        for states in self._lstm.states(*self._embedded(flat, begins, lengths)):
            count = states.shape[1]
            np.maximum(highest[:, :count], states, out=highest[:, :count])
            total[:, :count] += states
        mean = total / lengths[:, None].astype(np.float32)
        return np.concatenate([*highest, *mean], axis=1)

    def contributions(self, texts: Sequence[str]) -> Floats:
        """Contribution of each character to the logit of its cleaned text without spaces.

        The contribution of a piece is the change of the states at its step, as far as it is part
        of the maxima and means. So the contributions sum to the logit without the intercept.
        Murdoch and Szlam attribute changes of the states in a similar way ("Automatic Rule
        Extraction from Long Short Term Memory Networks", 2017).

        Returns:
            Shape (characters of all texts,); 0 for characters after the pieces that are read.
        """
        cut = [self.pieces.cut(text) for text in texts]
        lengths = np.array([len(pieces) for pieces in cut], np.int64)
        joined = list(chain.from_iterable(cut))
        flat, begins = self.pieces.numbers(joined), np.cumsum(lengths) - lengths
        each = np.zeros(len(flat))
        with _limited(len(flat)):
            for rows in _batches(lengths):
                places = ranges(begins[rows], lengths[rows])
                each[places] = self._of_pieces(flat, begins[rows], lengths[rows])
        sizes = np.array([len(piece) for piece in joined], np.int64)
        read = np.array([sum(map(len, pieces)) for pieces in cut], np.int64)
        offsets = offsets_of(np.array([len(text) for text in texts], np.int64))
        result = np.zeros(offsets[-1])
        result[ranges(offsets[:-1], read)] = np.repeat(each / sizes, sizes)
        return result

    def _of_pieces(
        self, flat: IntArray, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
    ) -> Single:
        """Contributions of the pieces of all texts, concatenated; see :meth:`_embedded`."""
        units = self._lstm.units
        states = np.full((2, lengths[0], len(lengths), units), -2, np.float32)
        for step, own in enumerate(self._lstm.states(*self._embedded(flat, begins, lengths))):
            states[:, step, : own.shape[1]] = own
        of_highest, of_mean = self.dense.reshape(2, 2, 1, 1, units)
        steps = np.arange(lengths[0])[:, None, None]
        kept = of_mean * (1 - steps / lengths[:, None]).astype(np.float32)
        kept = kept + of_highest * (steps <= states.argmax(axis=1)[:, None])
        changes = np.diff(states, axis=1, prepend=np.float32(0))
        forward, backward = (changes * kept).sum(axis=-1)
        texts = np.repeat(np.arange(len(lengths)), lengths)
        within = ranges(np.zeros_like(lengths), lengths)
        result: Single = forward[within, texts] + backward[lengths[texts] - 1 - within, texts]
        return result


def _limited(pieces: int) -> contextlib.AbstractContextManager[object]:
    """Limit threads for many pieces; for few, setting the limit takes longer than predicting."""
    return one_blas_thread() if pieces > PIECES_AT_ONCE else contextlib.nullcontext()


def _batches(lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[np.intp]]:
    """Batches of rows of similar length, longest first, without empty rows."""
    order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    numbers = np.cumsum(lengths[order]) // PIECES_AT_ONCE
    return np.split(order, np.flatnonzero(np.diff(numbers)) + 1) if len(order) else []
