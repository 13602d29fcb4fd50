"""Pretraining: word vectors for the tokens of the vocabulary."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from flows.stage import Output, stage
from pipeline import vectors
from pipeline.settings import PretrainSettings
from pipeline.workspace import Manifest, atomic_path


@stage("vectors", version=vectors.VERSION)
def learn_vectors(
    folder: Path, vocabulary: Manifest, dataset: Manifest, size: str, settings: PretrainSettings
) -> Output:
    """Learn word vectors of a size; no file where there is too little to learn from."""
    learnt = vectors.learn_vectors(
        dataset.path("dataset.npz"), vocabulary.rows, int(size), settings
    )
    if learnt is None:
        return Output([], 0, {})
    with atomic_path(folder / "vectors.npy") as temporary:
        np.save(temporary, learnt, allow_pickle=False)
    return Output(["vectors.npy"], len(learnt), {})
