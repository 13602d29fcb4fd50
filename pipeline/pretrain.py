"""Pretraining: what the network's layers learn from texts alone."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.dataset import load_split
from pipeline.language_model import Layers, train_language_model
from pipeline.records import UNLABELED
from pipeline.settings import PretrainSettings
from pipeline.vectors import learn_vectors

logger = logging.getLogger(__name__)

VERSION = 1


class Sizes(BaseModel):
    """Of the layers that learn; without units, the embedding alone."""

    model_config = ConfigDict(frozen=True)

    embedding_size: int
    lstm_units: int | None


def pretrain(
    dataset: Path, vocabulary_size: int, sizes: Sizes, settings: PretrainSettings
) -> Layers:
    """Learn from the training and the unlabelled sequences of ``dataset.npz``.

    Returns:
        Nothing where there are fewer than ``settings.min_texts``, or nothing is asked for. Else
        the ``embedding``, its rows zeros for tokens that are too rare, and of a language model
        the LSTM too; see :data:`pipeline.language_model.Layers`.
    """
    texts = sum(len(load_split(dataset, part)[0]) for part in ("train", UNLABELED))
    if texts < settings.min_texts:
        logger.info("no pretraining: %d texts are fewer than %d", texts, settings.min_texts)
        return {}
    layers: Layers = {}
    if settings.vector_epochs:
        layers["embedding"] = learn_vectors(
            dataset, vocabulary_size, sizes.embedding_size, settings
        )
    if settings.language_model_epochs and sizes.lstm_units:
        layers = train_language_model(
            dataset,
            vocabulary_size=vocabulary_size,
            embedding_size=sizes.embedding_size,
            lstm_units=sizes.lstm_units,
            vectors=layers.get("embedding"),
            settings=settings,
        )
    return layers
