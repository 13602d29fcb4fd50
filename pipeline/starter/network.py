"""A small bidirectional LSTM over pieces of words, in NumPy.

Embedding, LSTM in both directions, maximum and mean over time, Dense: the functional network of
:mod:`pipeline.model.network`, for which neither TensorFlow nor a tagger is needed here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, IntArray
from pipeline.runtime import one_blas_thread
from pipeline.starter.lstm import BidirectionalLstm, Lstm, Single
from pipeline.starter.pieces import Pieces

PIECES_AT_ONCE = 4_096
"""Pieces of the texts that are read together; their gates stay in the processor's cache."""
STORED = np.float16
"""In what the arrays are kept."""


@dataclass(frozen=True)
class StarterNetwork:
    """The network.

    Attributes:
        pieces: What texts are cut into.
        embedding: Shape (pieces, embedding).
        forward: Reads from the beginning.
        backward: Reads from the end.
        dense: Weights of the pooled states: maxima of both directions, then means.
        intercept: Logit of a text of which nothing is read.
    """

    pieces: Pieces
    embedding: Single
    forward: Lstm
    backward: Lstm
    dense: Single
    intercept: float

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """What :meth:`of_arrays` reads."""
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
        """Make the network of what :meth:`arrays` gave."""
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
        """Logits of positive of cleaned texts without spaces, shape (texts,)."""
        flat, lengths = self.pieces.encode(texts)
        if len(flat) <= PIECES_AT_ONCE:
            return self._logits(flat, lengths)
        with one_blas_thread():
            return self._logits(flat, lengths)

    def _logits(self, flat: IntArray, lengths: npt.NDArray[np.int64]) -> Floats:
        result = np.full(len(lengths), self.intercept)
        begins = np.cumsum(lengths) - lengths
        for rows in _batches(lengths):
            result[rows] += self._pooled(flat, begins[rows], lengths[rows]) @ self.dense
        return result

    def _pooled(
        self, flat: IntArray, begins: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
    ) -> Single:
        """Maxima and means of the states over time, shape (texts, 4 units).

        Args:
            flat: Pieces of all texts.
            begins: First piece of each text.
            lengths: Number of pieces of each text, the most first.
        """
        steps, texts = np.nonzero(np.arange(lengths[0])[:, None] < lengths)
        first, last = begins[texts], begins[texts] + lengths[texts] - 1
        embedded = self.embedding[flat[[first + steps, last - steps]]]
        highest, total = np.zeros((2, 2, len(lengths), self._lstm.units), np.float32)
        highest -= 1
        for states in self._lstm.states(embedded, np.bincount(steps).tolist()):
            count = states.shape[1]
            np.maximum(highest[:, :count], states, out=highest[:, :count])
            total[:, :count] += states
        mean = total / lengths[:, None].astype(np.float32)
        return np.concatenate([*highest, *mean], axis=1)

    def contributions(self, text: str) -> Floats:
        """Contribution of each character to the logit of a cleaned text without spaces.

        A piece gets what it changes in the states, as far as the maxima and means keep it, so that
        the contributions add up to the logit without the intercept. Murdoch and Szlam follow the
        changes of the states likewise ("Automatic Rule Extraction from Long Short Term Memory
        Networks", 2017).

        Returns:
            Shape (characters,); 0 beyond the pieces that are read.
        """
        result, cut = np.zeros(len(text)), self.pieces.cut(text)
        if not cut:
            return result
        highest, mean = np.split(self.dense, 2)
        units = len(highest) // 2
        embedded = self.embedding[self.pieces.numbers(cut)]
        steps = self._lstm.states(np.stack([embedded, embedded[::-1]]), [1] * len(cut))
        forward, backward = np.concatenate(list(steps), axis=1)
        each = _of_steps(forward, highest[:units], mean[:units])
        each += _of_steps(backward, highest[units:], mean[units:])[::-1]
        sizes = [len(piece) for piece in cut]
        result[: sum(sizes)] = np.repeat(each / sizes, sizes)
        return result


def _of_steps(states: Single, of_highest: Single, of_mean: Single) -> Single:
    """What each step's change of the states, (time, units), adds to the weighted pools."""
    steps = np.arange(len(states))[:, None]
    changes = np.diff(states, axis=0, prepend=np.float32(0))
    kept = of_mean * (1 - steps / len(states)) + of_highest * (steps <= states.argmax(axis=0))
    result: Single = (changes * kept).sum(axis=1)
    return result


def _batches(lengths: npt.NDArray[np.int64]) -> list[npt.NDArray[np.intp]]:
    """Rows of similar length, the longest first, without empty ones."""
    order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    numbers = np.cumsum(lengths[order]) // PIECES_AT_ONCE
    return np.split(order, np.flatnonzero(np.diff(numbers)) + 1) if len(order) else []
