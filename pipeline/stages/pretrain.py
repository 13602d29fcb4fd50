"""Pretraining of the embedding and the LSTM on all texts."""

from __future__ import annotations

import logging
from pathlib import Path

from pipeline.prepare.vocabulary import Vocabulary
from pipeline.settings import PretrainSettings, TokenizerSettings
from pipeline.stages.stage import Output, stage
from pipeline.storage import names
from pipeline.storage.manifest import InputFile, Manifest
from pipeline.train import pretrain as pretraining
from pipeline.train.carried_layers import carry_layers, save_layers
from pipeline.train.pretrain import Sizes

logger = logging.getLogger(__name__)


@stage("pretrained", version=pretraining.PRETRAIN_VERSION)
def pretrain(
    folder: Path,
    vocabulary: Manifest,
    dataset: Manifest,
    sizes: Sizes,
    settings: PretrainSettings,
    tokenizer: TokenizerSettings,
    carried: InputFile | None,
) -> Output:
    """Pretrain layers, or take them from a file; write no file if there are too few texts.

    Resumes after a kill.
    """
    words = list(Vocabulary.load(vocabulary.path(names.VOCABULARY)).counts)
    checkpoint = folder / names.CHECKPOINT
    if carried:
        made, known = carry_layers(carried.path, words, sizes, tokenizer)
        logger.info(
            "%s has pretrained layers for %s of %s words",
            carried.path,
            f"{known:,}",
            f"{len(words):,}",
        )
    else:
        made = pretraining.pretrain(
            dataset.path(names.DATASET), len(words), sizes, settings, checkpoint
        )
    details = {
        "texts": made.texts,
        "min_texts": settings.min_texts,
        "layers": sorted({name.partition("_")[0] for name in made.layers}),
    }
    if not made.layers:
        return Output([], 0, details)
    save_layers(folder / names.LAYERS, made, words, tokenizer)
    checkpoint.unlink(missing_ok=True)
    logger.info("pretrained layers: %s", folder / names.LAYERS)
    return Output([names.LAYERS], made.texts, details)
