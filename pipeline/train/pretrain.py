"""Pretrains the embedding and LSTM layers on labelled and unlabelled texts."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from pipeline.model.network import LSTM_UNITS
from pipeline.prepare.sequences import Sequences, load_split
from pipeline.reviews.review import WITHOUT_LABEL
from pipeline.settings import PretrainSettings
from pipeline.train.language_model import train_language_model
from pipeline.train.pretrained_layers import Layers
from pipeline.train.word_vectors import train_word_vectors

logger = logging.getLogger(__name__)

PRETRAIN_VERSION = 8
MANY_TEXTS, UNITS_OF_MANY, EPOCHS_OF_MANY = 200_000, 256, 2
"""From so many texts on, the LSTM gets this many units and is pretrained for so many epochs."""


class Sizes(BaseModel):
    """Sizes of the pretrained layers.

    Attributes:
        embedding_size: Size of the embedding.
        lstm_units: Units of each LSTM; None for :func:`units_for`.
        with_lstm: Whether the LSTMs are pretrained too, not only the embedding.
    """

    model_config = ConfigDict(frozen=True)

    embedding_size: int
    lstm_units: int | None
    with_lstm: bool = True


class Pretrained(NamedTuple):
    """Result of pretraining.

    Attributes:
        layers: See :data:`pipeline.train.pretrained_layers.Layers`. Empty if pretraining was
            skipped or is off.
        texts: Number of texts of at least two tokens, even if too few to be used.
    """

    layers: Layers
    texts: int


def units_for(texts: int) -> int:
    """Default number of units of an LSTM that is pretrained on this number of texts."""
    return UNITS_OF_MANY if texts >= MANY_TEXTS else LSTM_UNITS


def epochs_for(texts: int) -> int:
    """Default number of epochs of a language model that is trained on this number of texts."""
    return EPOCHS_OF_MANY if texts >= MANY_TEXTS else 1


def pretrain(
    dataset: Path,
    vocabulary_size: int,
    sizes: Sizes,
    settings: PretrainSettings,
    checkpoint: Path | None = None,
) -> Pretrained:
    """Pretrain on the training and the unlabelled sequences of ``dataset.npz``.

    First trains word vectors, then a language model that starts from them; ``settings`` can turn
    off either. Pretraining is skipped with fewer than ``settings.min_texts`` texts of at least two
    tokens; with more than ``settings.max_texts``, a random sample of the texts is used. If the file
    ``checkpoint`` exists, an interrupted language model resumes from it.
    """
    texts = Sequences.joined([load_split(dataset, part)[0] for part in ("train", *WITHOUT_LABEL)])
    texts = texts.take(np.flatnonzero(texts.lengths > 1))
    if len(texts) < settings.min_texts:
        logger.info(
            "pretraining skipped: %s texts, pretrain.min_texts is %s",
            f"{len(texts):,}",
            f"{settings.min_texts:,}",
        )
        return Pretrained({}, len(texts))
    if len(texts) > settings.max_texts:
        random = np.random.default_rng(settings.seed)
        texts = texts.take(np.sort(random.permutation(len(texts))[: settings.max_texts]))
    layers: Layers = {}
    resumes = checkpoint is not None and checkpoint.exists()
    if settings.vector_epochs and not resumes:
        layers["embedding"] = train_word_vectors(
            texts, vocabulary_size, sizes.embedding_size, settings
        )
    epochs = settings.language_model_epochs
    epochs = epochs_for(len(texts)) if epochs is None else epochs
    if epochs and sizes.with_lstm:
        layers = train_language_model(
            texts,
            vocabulary_size=vocabulary_size,
            embedding_size=sizes.embedding_size,
            lstm_units=sizes.lstm_units or units_for(len(texts)),
            vectors=layers.get("embedding"),
            epochs=epochs,
            seed=settings.seed,
            checkpoint=checkpoint,
        )
    return Pretrained(layers, len(texts))
