"""Loads saved networks and predicts probabilities."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.model.ngram_features import NgramFeatures
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.progress import track
from pipeline.runtime import load_backend
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

if TYPE_CHECKING:
    import keras


BATCH_SIZE = 512
MIN_TEXTS_COMPILED = 2_000
"""Up to this number of texts, calling the network eagerly is faster than compiling it."""


def load_model(path: Path) -> keras.Model:
    """Load a ``.keras`` file in safe mode, which refuses embedded code."""
    load_backend()
    import keras

    import pipeline.model.layers  # noqa: F401  (registers the layers)

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def is_wide(model: Manifest) -> bool:
    """Whether the model has a wide branch, an n-gram regression, beside the LSTM."""
    return names.NGRAMS[0] in model.files


def probabilities(
    model: keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> npt.NDArray[np.float64]:
    """Predict probabilities.

    Args:
        model: From :func:`load_model` or training.
        sequences: The encoded texts.
        features: N-gram features of the same texts; required if the model has a wide branch.

    Returns:
        Shape (sequences,) for a model with one output, else (sequences, outputs).
    """
    result = np.empty((len(sequences), model.output_shape[1]), np.float64)
    call = model.predict_on_batch if len(sequences) > MIN_TEXTS_COMPILED else model
    model.jit_compile = False  # XLA would recompile it for each batch shape
    with track("predict", len(sequences)) as progress:
        for rows in batches_by_length(sequences.lengths, BATCH_SIZE):
            tokens = sequences.padded(rows)
            inputs = [tokens, *features.padded(rows)] if features else tokens
            result[rows] = call(inputs)
            progress.advance(len(rows))
    return result[:, 0] if result.shape[1] == 1 else result
