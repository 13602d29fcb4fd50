"""Training of the network."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline import model as network
from pipeline.backend import load_backend
from pipeline.dataset import Sequences, batches_by_length
from pipeline.ngrams import NgramRegression
from pipeline.predict import probabilities
from pipeline.progress import track
from pipeline.settings import ModelSettings, TrainSettings
from pipeline.workspace import atomic_path

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

logger = logging.getLogger(__name__)

VERSION = 4

Labelled = tuple[Sequences, npt.NDArray[np.int8]]


def train(
    training: Labelled,
    validation: Labelled,
    *,
    vocabulary_size: int,
    model: ModelSettings,
    settings: TrainSettings,
    vectors: npt.NDArray[np.float32] | None = None,
) -> tuple[keras.Model, dict[str, Any]]:
    """Train until the validation loss no longer falls, and keep the best epoch's weights.

    The same data, settings and machine give the same weights.

    Returns:
        The model and what the report says of its training: number of examples, ``history``
        (``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy`` of each epoch) and the best
        epoch, counted from 1.
    """
    load_backend()
    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    positive_share = float(np.clip(training[1].mean(), 0.01, 0.99))
    built = network.build(
        model,
        vocabulary_size=vocabulary_size,
        positive_share=positive_share,
        seed=settings.seed,
    )
    if vectors is not None:
        _set_vectors(built, vectors)
    batch_size, epochs = schedule(len(training[1]), settings)
    steps = math.ceil(len(training[1]) / batch_size)
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, epochs * steps)
    built.compile(
        optimizer=keras.optimizers.Adam(rate, clipnorm=1.0),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    with track("train batches", epochs * steps) as progress:
        history = built.fit(
            _batches(training, batch_size, np.random.default_rng(settings.seed)),
            epochs=epochs,
            validation_data=_batches(validation, batch_size),
            callbacks=[
                keras.callbacks.EarlyStopping(
                    patience=settings.patience, restore_best_weights=True
                ),
                _progress_callback(progress),
            ],
            shuffle=False,  # the batches are shuffled already
            verbose=0,
        )
    figures = {name: [float(v) for v in values] for name, values in history.history.items()}
    return built, {
        "kind": model.kind,
        "examples": len(training[1]),
        "history": figures,
        "best_epoch": int(np.argmin(figures["val_loss"])) + 1,
    }


def join(
    deep: keras.Model,
    on_training: NgramRegression,
    on_all: NgramRegression,
    validation: Labelled,
    texts: Sequence[str],
) -> tuple[keras.Model, dict[str, float]]:
    """Join the trained deep branch with a regression; validation says how much each counts.

    As in stacking (Wolpert 1992), the weights come from a regression that has not seen the
    validation split, and are then used with one that has.

    Args:
        deep: The functional network, trained.
        on_training: Fitted to the training split.
        on_all: Fitted to the training and the validation split; becomes the wide branch.
        validation: Sequences and labels of the validation split.
        texts: Its cleaned texts, in the same order.

    Returns:
        The joined model, and the weight of each branch's logit: ``deep`` and ``wide``.
    """
    from scipy.special import logit
    from sklearn.linear_model import LogisticRegression

    sequences, labels = validation
    sure = 1e-6
    deep_logits = logit(np.clip(probabilities(deep, sequences), sure, 1 - sure))
    wide_logits = on_training.logits(on_training.features(texts))
    merge = LogisticRegression().fit(np.column_stack([deep_logits, wide_logits]), labels)
    of_deep, of_wide = map(float, merge.coef_[0])
    joined = network.widen(deep, on_all, (of_deep, of_wide), float(merge.intercept_[0]))
    logger.info("weight of the deep branch %.2f, of the wide one %.2f", of_deep, of_wide)
    return joined, {"deep": of_deep, "wide": of_wide}


def schedule(examples: int, settings: TrainSettings) -> tuple[int, int]:
    """Batch size and number of epochs: as set, else from the number of examples."""
    batch_size = settings.batch_size or min(256, max(16, examples // 100))
    epochs = settings.epochs or min(12, max(4, 2_000 * batch_size // examples))
    return batch_size, epochs


def _set_vectors(built: keras.Model, vectors: npt.NDArray[np.float32]) -> None:
    """Begin with learnt word vectors; tokens without one keep their random beginning."""
    embedding = built.get_layer(network.EMBEDDING)
    (weights,) = embedding.get_weights()
    known = vectors.any(axis=1)
    weights[known] = vectors[known]
    embedding.set_weights([weights])


def save_model(built: keras.Model, path: Path) -> None:
    """Write the model as ``.keras``, atomically."""
    with atomic_path(path) as temporary:
        built.save(temporary)


def _batches(
    labelled: Labelled, batch_size: int, random: np.random.Generator | None = None
) -> tf.data.Dataset:
    """Padded batches and labels; with ``random`` shuffled anew at each pass."""
    import tensorflow as tf

    sequences, labels = labelled

    def once() -> Iterator[tuple[Any, Any]]:
        for rows in batches_by_length(sequences.lengths, batch_size, random):
            yield sequences.padded(rows), labels[rows, None].astype(np.float32)

    count = math.ceil(len(sequences) / batch_size)
    signature = (
        tf.TensorSpec((None, None), tf.int32),
        tf.TensorSpec((None, 1), tf.float32),
    )
    dataset = tf.data.Dataset.from_generator(once, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(2)


def _progress_callback(progress: Any) -> keras.callbacks.Callback:
    import keras

    class Progress(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            progress.advance(note=f"loss {logs['loss']:.4f}" if logs else "")

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            figures = logs or {}
            logger.info(
                "epoch %d: loss %.4f, validation loss %.4f, validation accuracy %.4f",
                epoch + 1,
                figures["loss"],
                figures["val_loss"],
                figures["val_accuracy"],
            )

    return Progress()
