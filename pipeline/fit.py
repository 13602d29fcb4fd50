"""A network in training: one compiled step, a checkpoint after each epoch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.dataset import IntArray
from pipeline.errors import RunError
from pipeline.workspace import atomic_path

if TYPE_CHECKING:
    import keras

CLIP_NORM = 1.0
"""Longest gradient of a step, over all weights."""
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")

Batch = tuple[IntArray, npt.NDArray[np.float32]]
"""Sequences (batch, time) and labels (batch, 1)."""


class Fit:
    """A network, its optimizer, and how far they have come.

    Attributes:
        network: From sequences to probabilities.
        history: ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy`` of each epoch.
        samples_per_second: Of the last pass over the training batches.
    """

    def __init__(self, network: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        self.network = network
        self.history: dict[str, list[float]] = {name: [] for name in CURVES}
        self.samples_per_second = 0.0
        optimizer.build(network.trainable_variables)
        self._optimizer = optimizer
        self._step = _compiled_step(network, optimizer)
        self._evaluate = _compiled_evaluation(network)
        self._best: list[npt.NDArray[Any]] = []

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.history["loss"])

    @property
    def best_epoch(self) -> int:
        """The one with the lowest validation loss, counted from 1."""
        return int(np.argmin(self.history["val_loss"])) + 1

    @property
    def latest(self) -> str:
        """The last epoch's figures, to be read."""
        loss, accuracy, val_loss, val_accuracy = (self.history[name][-1] for name in CURVES)
        return (
            f"loss {loss:.4f}, accuracy {accuracy:.4f}, "
            f"validation loss {val_loss:.4f}, validation accuracy {val_accuracy:.4f}, "
            f"{self.samples_per_second:,.0f} samples/s"
        )

    def run_epoch(
        self,
        training: Iterable[Batch],
        validation: Iterable[Batch],
        *,
        deadline: float = float("inf"),
        advance: Callable[[str], None] = lambda note: None,
    ) -> bool:
        """Learn from the training batches once; then look at the validation batches.

        Args:
            training: In the order in which to learn from them.
            validation: In any order.
            deadline: Reading of ``time.monotonic`` after which no further batch is begun.
            advance: Called after each training batch with the figures so far, to be read.

        Returns:
            Whether all training batches were seen.

        Raises:
            RunError: The loss is not a number, or memory is not enough.
        """
        sums = np.zeros(3)
        whole, begun = True, time.monotonic()
        for sequences, labels in training:
            if time.monotonic() > deadline:
                whole = False
                break
            loss, right = self._run(self._step, sequences, labels)
            if not np.isfinite(loss):
                raise RunError(
                    f"the loss of epoch {self.epochs + 1} is no longer a number: "
                    "set train.learning_rate to less"
                )
            sums += loss * len(labels), right, len(labels)
            self.samples_per_second = sums[2] / (time.monotonic() - begun)
            advance(self._note(loss))
        seen = np.zeros(3)
        for sequences, labels in validation:
            loss, right = self._run(self._evaluate, sequences, labels)
            seen += loss * len(labels), right, len(labels)
        figures = [*(sums[:2] / max(sums[2], 1)), *(seen[:2] / max(seen[2], 1))]
        for name, value in zip(CURVES, figures, strict=True):
            self.history[name].append(float(value))
        if self.best_epoch == self.epochs:
            self._best = self.network.get_weights()
        return whole

    def _note(self, loss: float) -> str:
        note = f"loss {loss:.4f}, {self.samples_per_second:,.0f} samples/s"
        if self.epochs:
            note += f", validation accuracy {self.history['val_accuracy'][-1]:.4f}"
        return note

    def keep_best(self) -> None:
        """Give the network the weights of its best epoch."""
        self.network.set_weights(self._best)

    def save(self, path: Path) -> None:
        """Write a checkpoint, atomically: all that :meth:`load` needs to go on."""
        arrays = dict(zip(self._names("state"), map(np.asarray, self._state), strict=True))
        arrays |= dict(zip(self._names("best"), self._best, strict=True))
        arrays |= {name: np.array(values) for name, values in self.history.items()}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of the same network and optimizer.

        Raises:
            ValueError: It is of another network, or broken.
        """
        with np.load(path, allow_pickle=False) as arrays:
            for variable, name in zip(self._state, self._names("state"), strict=True):
                variable.assign(arrays[name])
            self._best = [arrays[name] for name in self._names("best")]
            self.history = {name: arrays[name].tolist() for name in CURVES}

    @property
    def _state(self) -> list[Any]:
        """Weights, states of dropout's generators, moments of the optimizer."""
        return [*self.network.variables, *self._optimizer.variables]

    def _names(self, kind: str) -> list[str]:
        count = len(self._state) if kind == "state" else len(self.network.get_weights())
        return [f"{kind}_{number}" for number in range(count)]

    def _run(self, function: Any, *batch: npt.NDArray[Any]) -> tuple[float, int]:
        import tensorflow as tf

        try:
            loss, right = function(*batch)
        except tf.errors.ResourceExhaustedError as error:
            raise RunError(
                f"no memory for a batch of {len(batch[0])} sequences of {batch[0].shape[1]} "
                f"tokens in epoch {self.epochs + 1}: set train.batch_size or "
                "encode.max_length to less"
            ) from error
        return float(loss), int(right)


def _compiled_step(network: keras.Model, optimizer: keras.optimizers.Optimizer) -> Any:
    """A function from a batch to its loss before the step and its number of right answers."""
    import tensorflow as tf

    def step(sequences: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            loss, right = _answers(network, sequences, labels, training=True)
        gradients = tape.gradient(loss, network.trainable_variables)
        apply_gradients(optimizer, gradients, network.trainable_variables)
        return loss, right

    return tf.function(step, input_signature=_signature())


def _compiled_evaluation(network: keras.Model) -> Any:
    import tensorflow as tf

    def evaluate(sequences: tf.Tensor, labels: tf.Tensor) -> Any:
        return _answers(network, sequences, labels, training=False)

    return tf.function(evaluate, input_signature=_signature())


def _signature() -> Sequence[Any]:
    import tensorflow as tf

    return [tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, 1), tf.float32)]


def _answers(network: keras.Model, sequences: Any, labels: Any, *, training: bool) -> Any:
    import keras
    from keras import ops

    probability = network(sequences, training=training)
    loss = ops.mean(keras.losses.binary_crossentropy(labels, probability))
    right = ops.sum(ops.cast(ops.equal(probability >= 0.5, labels >= 0.5), "int32"))
    return loss, right


def apply_gradients(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Any], variables: Sequence[Any]
) -> None:
    """Clip the gradients together, then let the optimizer move the variables."""
    import tensorflow as tf

    clipped, _ = tf.clip_by_global_norm([_summed(one) for one in gradients], CLIP_NORM)
    optimizer.apply(clipped, variables)


def _summed(gradient: Any) -> Any:
    """Of an embedding's gradient one row for each token, not for each place it stands at."""
    import tensorflow as tf

    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, places = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
