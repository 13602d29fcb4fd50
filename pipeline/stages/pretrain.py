"""Pretraining of the embedding and the LSTM on all texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.settings import PretrainSettings
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.files import atomic_path
from pipeline.storage.manifest import Manifest
from pipeline.train import pretrain as pretraining
from pipeline.train.pretrain import Sizes


@stage("pretrained", version=pretraining.PRETRAIN_VERSION)
def pretrain(
    folder: Path, vocabulary: Manifest, dataset: Manifest, sizes: Sizes, settings: PretrainSettings
) -> Output:
    """Pretrain layers; writes no file where there are too few texts. Resumes after a kill."""
    checkpoint = folder / names.CHECKPOINT
    layers, texts = pretraining.pretrain(
        dataset.path(names.DATASET), vocabulary.rows, sizes, settings, checkpoint
    )
    details = {
        "texts": texts,
        "min_texts": settings.min_texts,
        "layers": sorted({name.partition("_")[0] for name in layers}),
    }
    if not layers:
        return Output([], 0, details)
    with atomic_path(folder / names.LAYERS) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **layers)
    checkpoint.unlink(missing_ok=True)
    return Output([names.LAYERS], texts, details)
