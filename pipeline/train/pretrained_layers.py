"""Pretrained layer weights, and their transfer into a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.model.network import DIRECTIONS, EMBEDDING

if TYPE_CHECKING:
    import keras

Layers = dict[str, npt.NDArray[np.float32]]
"""Weights by name: ``embedding`` (vocabulary, embedding size), where rows of zeros are untrained;
with a language model also ``forward_0`` to ``forward_2`` and ``backward_0`` to ``backward_2``:
kernel, recurrent kernel and bias of each direction's LSTM, as in Keras."""
Vectors = npt.NDArray[np.float32]


def replace_rows(table: Vectors, pretrained: Vectors) -> Vectors:
    """Replace the rows of ``table`` whose pretrained row is not all zeros."""
    return np.where(pretrained.any(axis=1, keepdims=True), pretrained, table)


def load_pretrained(built: keras.Model, layers: Layers) -> None:
    """Set the weights of an untrained network (see :func:`build`) to pretrained ones."""
    embedding = built.get_layer(EMBEDDING)
    embedding.set_weights([replace_rows(embedding.get_weights()[0], layers["embedding"])])
    for direction in DIRECTIONS:
        if f"{direction}_0" in layers:
            lstm = built.get_layer(direction)
            lstm.set_weights([layers[f"{direction}_{number}"] for number in range(3)])
