"""Pretraining: word vectors for the tokens of the vocabulary."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from flows.stage import Output, stage
from pipeline import vectors
from pipeline.records import UNLABELED
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
    texts = sum(dataset.details["splits"][part]["rows"] for part in ("train", UNLABELED))
    details = {"texts": texts, "tokens": 0, **settings.model_dump(include={"epochs", "min_texts"})}
    if learnt is None:
        return Output([], 0, details)
    with atomic_path(folder / "vectors.npy") as temporary, temporary.open("wb") as file:
        np.save(file, learnt, allow_pickle=False)
    known = int(learnt.any(axis=1).sum())
    return Output(["vectors.npy"], len(learnt), details | {"tokens": known})
