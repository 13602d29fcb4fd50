"""Pretraining: what the network's layers learn from texts alone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from pipeline.prepare.sequences import Sequences, load_split
from pipeline.reviews.review import UNLABELED
from pipeline.settings import PretrainSettings
from pipeline.train.language_model import train_language_model
from pipeline.train.pretrained_layers import Layers
from pipeline.train.word_vectors import learn_vectors

logger = logging.getLogger(__name__)

VERSION = 3


class Sizes(BaseModel):
    """Of the layers that learn; without units, the embedding alone."""

    model_config = ConfigDict(frozen=True)

    embedding_size: int
    lstm_units: int | None


class Pretrained(NamedTuple):
    """What was learnt.

    Attributes:
        layers: The ``embedding``, its rows zeros for tokens that are too rare, and of a language
            model the LSTM too, see :data:`pipeline.train.language_model.Layers`; empty where
            there was too little to learn from, or pretraining is off.
        texts: How many texts of at least two tokens were learnt from, or were too few.
    """

    layers: Layers
    texts: int


def pretrain(
    dataset: Path, vocabulary_size: int, sizes: Sizes, settings: PretrainSettings
) -> Pretrained:
    """Learn from the training and the unlabelled sequences of ``dataset.npz``."""
    texts = Sequences.joined([load_split(dataset, part)[0] for part in ("train", UNLABELED)])
    texts = texts.take(np.flatnonzero(texts.lengths > 1))
    if len(texts) < settings.min_texts:
        logger.info("no pretraining: %d texts are fewer than %d", len(texts), settings.min_texts)
        return Pretrained({}, len(texts))
    if len(texts) > settings.max_texts:
        random = np.random.default_rng(settings.seed)
        texts = texts.take(np.sort(random.permutation(len(texts))[: settings.max_texts]))
    layers: Layers = {}
    if settings.vector_epochs:
        layers["embedding"] = learn_vectors(texts, vocabulary_size, sizes.embedding_size, settings)
    if settings.language_model_epochs and sizes.lstm_units:
        layers = train_language_model(
            texts,
            vocabulary_size=vocabulary_size,
            embedding_size=sizes.embedding_size,
            lstm_units=sizes.lstm_units,
            vectors=layers.get("embedding"),
            settings=settings,
        )
    return Pretrained(layers, len(texts))
