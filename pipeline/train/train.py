"""Training of the network."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.model import network
from pipeline.prepare.sequences import Labelled, batches_by_length
from pipeline.progress import track
from pipeline.runtime import seed_backend
from pipeline.settings import ModelSettings, TrainSettings
from pipeline.storage.files import atomic_path
from pipeline.target.kinds import BINARY, Target
from pipeline.target.output import Floats
from pipeline.train.optimizer import lazy_adam, warmed_up
from pipeline.train.pretrained_layers import Layers, begin_with
from pipeline.train.train_loop import Batch, Fit

if TYPE_CHECKING:
    import keras


logger = logging.getLogger(__name__)

VERSION = 13
PREDICTED_AT_ONCE = 512
WORD_DROPOUT = 0.2
"""Where the network begins with nothing."""


def train(
    training: Labelled,
    validation: Labelled,
    *,
    vocabulary_size: int,
    model: ModelSettings,
    settings: TrainSettings,
    target: Target = BINARY,
    pretrained: Layers | None = None,
    checkpoint: Path | None = None,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train until the validation loss no longer falls, and keep the best epoch's weights.

    The same data, settings and machine give the same weights, also when a training was broken
    off and went on from its checkpoint.

    Args:
        training: Learnt from.
        validation: Says when to stop, and which epoch was the best.
        vocabulary_size: Number of integers that can occur in a sequence.
        model: Kind and sizes of the network.
        settings: How to train it.
        target: What it predicts.
        pretrained: Where the embedding begins, and of the functional network the LSTM.
        checkpoint: File that is written after each epoch; where it is there already, the
            training goes on from it.

    Returns:
        The model and what the report says of its training: number of examples, ``history``
        (loss and the target's metric of each epoch, in training and in validation), the best
        epoch, counted from 1, whether the time was over before the end, the class weights, and
        the last epoch's speed.

    Raises:
        RunError: The loss is not a number, or memory is not enough; the checkpoint is kept.
    """
    from sklearn.utils.class_weight import compute_sample_weight

    seed_backend(settings.seed)
    if model.word_dropout is None:
        model = model.model_copy(update={"word_dropout": 0.0 if pretrained else WORD_DROPOUT})
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
        begin_with(built, pretrained)
    batch_size, epochs = schedule(len(training[1]), settings)
    steps = math.ceil(len(training[1]) / batch_size)
    fit = Fit(built, lazy_adam(warmed_up(settings.learning_rate, epochs * steps)), target)
    if checkpoint is not None and checkpoint.exists():
        fit.load(checkpoint)
        logger.info("going on after epoch %d", fit.epochs)
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
                _batches(validation, validation_weights, PREDICTED_AT_ONCE),
                deadline=deadline,
                advance=lambda note: progress.advance(note=note),
            )
            logger.info("epoch %d: %s", fit.epochs, fit.latest)
            if checkpoint is not None:
                fit.save(checkpoint)
    if not in_time:
        logger.warning("train.deadline_minutes are over: the best epoch so far is kept")
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
    """Batch size and number of epochs: as set, else from the number of examples."""
    batch_size = settings.batch_size or min(256, max(16, examples // 100))
    epochs = settings.epochs or min(12, max(3, 2_000 * batch_size // examples))
    return batch_size, epochs


def save_model(built: keras.Model, path: Path) -> None:
    """Write the model as ``.keras``, atomically."""
    with atomic_path(path) as temporary:
        built.save(temporary)


def _last_epoch(fit: Fit, patience: int) -> int:
    """Where training stops unless an epoch before it is the best."""
    return fit.best_epoch + patience if fit.epochs else 1


def _batches(
    labelled: Labelled,
    weights: Floats,
    batch_size: int,
    random: np.random.Generator | None = None,
) -> Iterator[Batch]:
    """Padded batches, labels and weights; with ``random`` shuffled."""
    sequences, labels = labelled
    for rows in batches_by_length(sequences.lengths, batch_size, random):
        yield (
            sequences.padded(rows),
            labels[rows, None].astype(np.float32),
            weights[rows].astype(np.float32),
        )
