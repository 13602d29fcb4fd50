"""Layers that pretraining has learnt, and how a network begins with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.model.network import DIRECTIONS, EMBEDDING

if TYPE_CHECKING:
    import keras

Layers = dict[str, npt.NDArray[np.float32]]
"""``embedding`` (vocabulary, embedding size); ``forward_0`` to ``forward_2`` and ``backward_0`` to
``backward_2``: kernel, recurrent kernel and bias of the LSTM of that direction, as in Keras."""
Vectors = npt.NDArray[np.float32]


def set_rows(table: Vectors, learnt: Vectors) -> Vectors:
    """A table with the rows that were learnt in their place; those of zeros were not."""
    return np.where(learnt.any(axis=1, keepdims=True), learnt, table)


def begin_with(built: keras.Model, layers: Layers) -> None:
    """Give a network that :func:`build` made the layers that pretraining learnt."""
    embedding = built.get_layer(EMBEDDING)
    embedding.set_weights([set_rows(embedding.get_weights()[0], layers["embedding"])])
    for direction in DIRECTIONS:
        if f"{direction}_0" in layers:
            lstm = built.get_layer(direction)
            lstm.set_weights([layers[f"{direction}_{number}"] for number in range(3)])
