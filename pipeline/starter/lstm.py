"""A bidirectional LSTM in NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Single = npt.NDArray[np.float32]


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


class BidirectionalLstm:
    """Two LSTMs stacked in shared arrays, so that each NumPy operation computes both.

    Args:
        forward: Reads from the beginning.
        backward: Reads from the end.
    """

    def __init__(self, forward: Lstm, backward: Lstm) -> None:
        self.units = len(forward.recurrent)
        kernels, recurrent, biases = zip(*map(_rearranged, (forward, backward)), strict=True)
        self._kernel, self._recurrent = np.stack(kernels), np.stack(recurrent)
        self._bias = np.stack(biases)[:, None]

    def states(self, embedded: Single, counts: Sequence[int]) -> Iterator[Single]:
        """Yield the states of both directions after each step.

        Args:
            embedded: Embeddings that each direction reads, step by step, shape
                (2, total of ``counts``, embedding).
            counts: Number of texts that are read at each step. The texts are sorted by length,
                longest first, so these are always the first texts.

        Yields:
            Shape (2, texts of the step, units).
        """
        units = self.units
        state, cell = np.zeros((2, 2, counts[0], units), np.float32)
        end = 0
        for count in counts:
            begin, end = end, end + count
            gates = embedded[:, begin:end] @ self._kernel
            gates += self._bias
            if begin:
                gates += state[:, :count] @ self._recurrent
            np.tanh(gates, out=gates)
            sigmoids = gates[..., : 3 * units]  # sigmoid(x) = (1 + tanh(x / 2)) / 2
            sigmoids += 1
            sigmoids *= 0.5
            cell = sigmoids[..., units : 2 * units] * cell[:, :count]
            cell += sigmoids[..., :units] * gates[..., 3 * units :]
            state = sigmoids[..., 2 * units :] * np.tanh(cell)
            yield state


def _rearranged(lstm: Lstm) -> Lstm:
    """Reorder the gates to input, forget, output, cell; halve all weights except the cell's."""

    def rearrange(weights: Single) -> Single:
        of_input, forget, cell, output = np.split(weights, 4, axis=-1)
        half = np.float32(0.5)
        return np.concatenate([of_input * half, forget * half, output * half, cell], axis=-1)

    return Lstm(*map(rearrange, lstm))
