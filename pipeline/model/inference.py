"""A saved network, and its probabilities for sequences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.model.ngrams import NgramFeatures
from pipeline.prepare.sequences import Sequences, batches_by_length
from pipeline.progress import track
from pipeline.runtime import load_backend
from pipeline.storage import names
from pipeline.storage.manifest import Manifest

if TYPE_CHECKING:
    import keras


BATCH_SIZE = 512
WORTH_COMPILING = 2_000
"""With fewer texts it takes longer to compile the network than to call it as it is."""


def load_model(path: Path) -> keras.Model:
    """Load a ``.keras`` file without running any code it may carry."""
    load_backend()
    import keras

    import pipeline.model.layers  # noqa: F401  (registers them)

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def is_wide(model: Manifest) -> bool:
    """Whether the model has a wide branch, which reads the n-grams of a text."""
    return names.NGRAMS[0] in model.files


def probabilities(
    model: keras.Model, sequences: Sequences, features: NgramFeatures | None = None
) -> npt.NDArray[np.float64]:
    """Probabilities for each sequence, in their order.

    The shape is (sequences,) for a model with one output, else (sequences, outputs).
    ``features`` are those of the same texts, for a model with a wide branch.
    """
    result = np.empty((len(sequences), model.output_shape[1]), np.float64)
    answer = model.predict_on_batch if len(sequences) > WORTH_COMPILING else model
    model.jit_compile = False  # XLA would compile it anew for each shape of a batch
    with track("predict", len(sequences)) as progress:
        for rows in batches_by_length(sequences.lengths, BATCH_SIZE):
            tokens = sequences.padded(rows)
            inputs = [tokens, *features.padded(rows)] if features else tokens
            result[rows] = answer(inputs)
            progress.advance(len(rows))
    return result[:, 0] if result.shape[1] == 1 else result
