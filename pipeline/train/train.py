"""Trains the network."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.model import network
from pipeline.prepare.folds import FEW
from pipeline.prepare.sequences import Labelled, batches_by_length
from pipeline.progress import track
from pipeline.runtime import seed_backend
from pipeline.settings import ModelSettings, TrainSettings
from pipeline.storage.files import atomic_path
from pipeline.target.base import Target
from pipeline.target.binary import BINARY
from pipeline.target.output import Floats
from pipeline.train.optimizer import lazy_adam, warmup_cosine
from pipeline.train.pretrained_layers import Layers, load_pretrained
from pipeline.train.train_loop import Batch, Fit

if TYPE_CHECKING:
    import keras


logger = logging.getLogger(__name__)

TRAIN_VERSION = 21
VALIDATION_BATCH_SIZE = 512
WORD_DROPOUT = 0.2
"""Default of ``model.word_dropout`` for a network without pretrained layers."""


def train(
    training: Labelled,
    validation: Labelled,
    *,
    vocabulary_size: int,
    model: ModelSettings,
    settings: TrainSettings,
    target: Target = BINARY,
    pretrained: Layers | None = None,
    to_join: Floats | None = None,
    checkpoint: Path | None = None,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train with early stopping on the validation loss; restore the best epoch's weights.

    Deterministic: the same data, settings and machine give the same weights, even if training
    was interrupted and resumed from its checkpoint.

    Args:
        training: Sequences and labels of the training split.
        validation: Sequences and labels of the validation split, for early stopping.
        vocabulary_size: Number of token ids.
        model: Kind and sizes of the network.
        settings: Hyperparameters.
        target: The prediction target.
        pretrained: Initial weights of the embedding and, for the functional network, the LSTMs.
        to_join: Logits of the validation split by the wide branch. With at least ``FEW`` training
            examples, the best epoch is the one whose network, joined with the wide branch, has
            the lowest loss: longer training improves the joined model, though not the network
            alone.
        checkpoint: File written after each epoch. If it exists, training resumes from it.

    Returns:
        The trained model, and its details: ``kind``, ``examples``, ``history`` (loss and metric
        of each epoch in training and validation), ``best_epoch`` (from 1), ``in_time`` (False if
        the deadline stopped training), ``class_weights`` and ``samples_per_second`` (last epoch).

    Raises:
        RunError: The loss is NaN or infinite, or memory ran out; the checkpoint is kept.
        ValueError: The checkpoint does not fit the network.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    seed_backend(settings.seed)
    if model.word_dropout is None:
        model = model.model_copy(update={"word_dropout": 0.0 if pretrained else WORD_DROPOUT})
    if model.lstm_units is None and pretrained and "forward_1" in pretrained:
        model = model.model_copy(update={"lstm_units": pretrained["forward_1"].shape[0]})
    weights, validation_weights = (
        compute_sample_weight(settings.class_weights, labels)
        for _, labels in (training, validation)
    )
    built = network.build(
        model,
        vocabulary_size=vocabulary_size,
        prior=target.link.prior_logits(training[1], weights),
        seed=settings.seed,
        activation=target.link.activation,
    )
    if pretrained:
        load_pretrained(built, pretrained)
    batch_size, epochs = schedule(len(training[1]), settings)
    steps = math.ceil(len(training[1]) / batch_size)
    if to_join is not None:
        batches = batches_by_length(validation[0].lengths, VALIDATION_BATCH_SIZE)
        in_order = np.concatenate(list(batches))
        to_join = to_join[in_order] if len(training[1]) >= FEW else None
    optimizer = lazy_adam(warmup_cosine(settings.learning_rate, epochs * steps))
    fit = Fit(built, optimizer, target, batch_size, to_join)
    if checkpoint is not None and checkpoint.exists():
        fit.load(checkpoint)
        logger.info("resuming from the checkpoint of epoch %d", fit.epochs)
    deadline = time.monotonic() + 60 * (settings.deadline_minutes or math.inf)
    in_time = True
    with track("train batches", epochs * steps) as progress:
        progress.advance(fit.epochs * steps)
        while in_time and fit.epochs < min(epochs, _last_epoch(fit, settings.patience)):
            in_time = fit.run_epoch(
                _batches(
                    training,
                    weights,
                    batch_size,
                    np.random.default_rng([settings.seed, fit.epochs]),
                ),
                _batches(validation, validation_weights, VALIDATION_BATCH_SIZE),
                deadline=deadline,
                advance=lambda note: progress.advance(note=note),
            )
            logger.info("epoch %d: %s", fit.epochs, fit.latest)
            if checkpoint is not None:
                fit.save(checkpoint)
    if not in_time:
        logger.warning("train.deadline_minutes reached: keeping the best epoch so far")
    fit.keep_best()
    return built, {
        "kind": model.kind,
        "examples": len(training[1]),
        "history": fit.history,
        "best_epoch": fit.best_epoch,
        "in_time": in_time,
        "class_weights": settings.class_weights,
        "samples_per_second": round(fit.samples_per_second),
    }


def schedule(examples: int, settings: TrainSettings) -> tuple[int, int]:
    """Batch size and number of epochs: the settings, else derived from the number of examples."""
    batch_size = settings.batch_size or min(256, max(16, examples // 100))
    epochs = settings.epochs or min(12, max(3, 2_000 * batch_size // examples))
    return batch_size, epochs


def save_model(built: keras.Model, path: Path) -> None:
    """Write the model to a ``.keras`` file, atomically."""
    with atomic_path(path) as temporary:
        built.save(temporary)


def _last_epoch(fit: Fit, patience: int) -> int:
    """The epoch after which training stops unless the validation loss improves."""
    return fit.best_epoch + patience if fit.epochs else 1


def _batches(
    labelled: Labelled,
    weights: Floats,
    batch_size: int,
    random: np.random.Generator | None = None,
) -> Iterator[Batch]:
    """Yield padded batches of similar length, shuffled if ``random`` is given."""
    sequences, labels = labelled
    for rows in batches_by_length(sequences.lengths, batch_size, random):
        yield (
            sequences.padded(rows),
            labels[rows, None].astype(np.float32),
            weights[rows].astype(np.float32),
        )
