"""A small bidirectional LSTM over pieces of words, in NumPy.

Embedding, LSTM in both directions, maximum and mean over time, Dense: the functional network of
:mod:`pipeline.model.network`, for which neither TensorFlow nor a tagger is needed here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Bools, Floats, IntArray
from pipeline.prepare.vocabulary import PAD
from pipeline.runtime import one_blas_thread
from pipeline.starter.pieces import Pieces

Single = npt.NDArray[np.float32]

TEXTS_AT_ONCE = 256
STORED = np.float16
"""In what the arrays are kept."""


class Lstm(NamedTuple):
    """The weights of one direction; gates in Keras' order: input, forget, cell, output.

    Attributes:
        kernel: Shape (embedding, 4 units).
        recurrent: Shape (units, 4 units).
        bias: Shape (4 units,).
    """

    kernel: Single
    recurrent: Single
    bias: Single


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
    def _halved(self) -> tuple[Lstm, Lstm]:
        """Both directions with half the weights of all gates but the cell's; see ``_states``."""
        units = len(self.forward.recurrent)
        halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), units)
        forward, backward = (
            Lstm(*(weights * halves for weights in lstm)) for lstm in (self.forward, self.backward)
        )
        return forward, backward

    def logits(self, texts: Sequence[str]) -> Floats:
        """Logits of positive of cleaned texts without spaces, shape (texts,)."""
        return self._logits([self.pieces.numbers(self.pieces.cut(text)) for text in texts])

    def _logits(self, encoded: Sequence[IntArray]) -> Floats:
        if len(encoded) <= TEXTS_AT_ONCE:
            return self._by_length(encoded)
        with one_blas_thread():
            return self._by_length(encoded)

    def _by_length(self, encoded: Sequence[IntArray]) -> Floats:
        result = np.full(len(encoded), self.intercept)
        lengths = np.array([len(one) for one in encoded], np.intp)
        for rows in _batches(lengths):
            sizes = lengths[rows]
            numbers = np.full((len(rows), sizes.max()), PAD, np.int32)
            is_read = np.arange(sizes.max()) < sizes[:, None]
            numbers[is_read] = np.concatenate([encoded[row] for row in rows])
            result[rows] += self._pooled(numbers, is_read) @ self.dense
        return result

    def _pooled(self, numbers: IntArray, is_read: Bools) -> Single:
        """Maxima and means of the states over time, shape (texts, 4 units)."""
        time = np.arange(numbers.shape[1])
        sizes = is_read.sum(axis=1)[:, None]
        turned = np.take_along_axis(numbers, np.where(is_read, sizes - 1 - time, time), 1)
        sides = zip(self._halved, (numbers, turned), strict=True)
        states = np.concatenate(
            [_states(lstm, self.embedding[own.T]) for lstm, own in sides], axis=2
        )
        shown = is_read.T[:, :, None]
        highest = np.where(shown, states, np.float32(-1)).max(axis=0)
        mean = np.where(shown, states, np.float32(0)).sum(axis=0) / sizes.astype(np.float32)
        return np.concatenate([highest, mean], axis=1)

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
        embedded = self.embedding[self.pieces.numbers(cut)][:, None]
        halved = self._halved
        forward = _states(halved[0], embedded)[:, 0]
        backward = _states(halved[1], embedded[::-1])[:, 0]
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


def _batches(lengths: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """Rows of similar length, without empty ones."""
    order = np.argsort(lengths, kind="stable")
    order = order[np.count_nonzero(lengths == 0) :]
    for begin in range(0, len(order), TEXTS_AT_ONCE):
        yield order[begin : begin + TEXTS_AT_ONCE]


def _states(lstm: Lstm, embedded: Single) -> Single:
    """The states of an LSTM of halved weights, (time, texts, units), from embedded pieces."""
    units, (steps, texts, _) = len(lstm.recurrent), embedded.shape
    inputs = embedded @ lstm.kernel + lstm.bias
    state, cell = np.zeros((2, texts, units), np.float32)
    states = np.empty((steps, texts, units), np.float32)
    for step, gates in enumerate(inputs):
        gates += state @ lstm.recurrent
        np.tanh(gates, out=gates)
        new = gates[:, 2 * units : 3 * units].copy()
        gates += 1
        gates *= 0.5  # sigmoid(x) = (1 + tanh(x / 2)) / 2
        cell = gates[:, units : 2 * units] * cell + gates[:, :units] * new
        state = gates[:, 3 * units :] * np.tanh(cell)
        states[step] = state
    return states
