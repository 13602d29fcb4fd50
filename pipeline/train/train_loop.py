"""The training loop: compiled training and evaluation steps, and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.arrays import Floats, IntArray
from pipeline.errors import RunError
from pipeline.model.calibration import calibrated_loss
from pipeline.model.inference import compiled
from pipeline.storage.files import atomic_path
from pipeline.target.base import Target
from pipeline.train.mixed_precision import mixed_precision
from pipeline.train.optimizer import apply_gradients
from pipeline.train.stacking import joined_loss

if TYPE_CHECKING:
    import keras


Batch = tuple[IntArray, npt.NDArray[np.float32], npt.NDArray[np.float32]]
"""Sequences (batch, time), labels (batch, 1) and sample weights (batch,)."""


class Fit:
    """Training state of a network: weights, optimizer and history.

    Attributes:
        network: Model from sequences to probabilities.
        curves: Names of the curves: ``loss``, the target's ``each_metric``, and both with the
            prefix ``val_``. ``val_loss`` is measured after temperature scaling, because the final
            model is calibrated, so that overconfidence alone does not stop training; with logits
            to join, it is the loss of the joined model.
        history: Values of each curve, one per epoch.
        samples_per_second: Training speed of the last epoch.
    """

    def __init__(
        self,
        network: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        target: Target,
        batch_size: int,
        to_join: Floats | None = None,
    ) -> None:
        """Start with an untrained network.

        Args:
            network: The network.
            optimizer: Its optimizer.
            target: The prediction target.
            batch_size: Number of examples in a training batch; the last one may be smaller.
            to_join: Logits of all validation examples, in the order of the batches, by the model
                that the network is joined with; None if there is none.
        """
        self.network = network
        self.curves = ("loss", target.each_metric, "val_loss", f"val_{target.each_metric}")
        self.history: dict[str, list[float]] = {name: [] for name in self.curves}
        self.samples_per_second = 0.0
        optimizer.build(network.trainable_variables)
        self._optimizer = optimizer
        self._step = _compiled_step(network, optimizer, target, batch_size)
        self._target, self._to_join = target, to_join
        self._best: list[npt.NDArray[Any]] = []

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.history["loss"])

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss, counted from 1."""
        return int(np.argmin(self.history["val_loss"])) + 1

    @property
    def latest(self) -> str:
        """One-line summary of the last epoch."""
        figures = [f"{_readable(name)} {values[-1]:.4f}" for name, values in self.history.items()]
        return ", ".join([*figures, f"{self.samples_per_second:,.0f} samples/s"])

    def run_epoch(
        self,
        training: Iterable[Batch],
        validation: Iterable[Batch],
        *,
        deadline: float = float("inf"),
        advance: Callable[[str], None] = lambda note: None,
    ) -> bool:
        """Train once on all training batches, then evaluate on the validation batches.

        Args:
            training: Training batches.
            validation: Validation batches.
            deadline: Value of ``time.monotonic`` after which no further batch is started.
            advance: Called after each training batch with a one-line summary.

        Returns:
            False if the deadline stopped the epoch early.

        Raises:
            RunError: The loss is NaN or infinite, or memory ran out.
        """
        sums = np.zeros(3)
        complete, started = True, time.monotonic()
        for batch in training:
            if time.monotonic() > deadline:
                complete = False
                break
            loss, score = map(float, self._run(self._step, *batch))
            self._checked(loss)
            sums += loss * len(batch[1]), score, len(batch[1])
            self.samples_per_second = sums[2] / (time.monotonic() - started)
            advance(self._note(loss))
        figures = [*(sums[:2] / max(sums[2], 1)), *self._validate(validation)]
        for name, value in zip(self.curves, figures, strict=True):
            self.history[name].append(float(value))
        if self.best_epoch == self.epochs:
            self._best = self.network.get_weights()
        return complete

    def _validate(self, batches: Iterable[Batch]) -> tuple[float, float]:
        """Loss of the calibrated or joined model, and mean metric, over all batches."""
        call = compiled(self.network)
        found = [
            (np.asarray(self._run(lambda own: call([own]), batch[0])), *batch[1:])
            for batch in batches
        ]
        probabilities, labels, weights = map(np.concatenate, zip(*found, strict=True))
        scores = np.asarray(_scores(self._target, labels, probabilities))
        labels = labels[:, 0]
        probabilities = probabilities[:, 0] if self._target.link.outputs == 1 else probabilities
        logits = self._target.link.logits(probabilities.astype(np.float64))
        link = self._target.link
        if self._to_join is None:
            loss = calibrated_loss(logits, labels, weights, link)
        else:
            loss = joined_loss(logits, self._to_join, labels, weights, link)
        return self._checked(loss), float(np.mean(scores))

    def _checked(self, loss: float) -> float:
        if not np.isfinite(loss):
            raise RunError(
                f"the loss of epoch {self.epochs + 1} is not finite: decrease train.learning_rate"
            )
        return loss

    def _note(self, loss: float) -> str:
        note = f"loss {loss:.4f}, {self.samples_per_second:,.0f} samples/s"
        if self.epochs:
            name = self.curves[-1]
            note += f", {_readable(name)} {self.history[name][-1]:.4f}"
        return note

    def keep_best(self) -> None:
        """Restore the weights of the best epoch."""
        self.network.set_weights(self._best)

    def save(self, path: Path) -> None:
        """Write a checkpoint for :meth:`load`, atomically."""
        arrays = dict(zip(self._names("state"), map(np.asarray, self._state), strict=True))
        arrays |= dict(zip(self._names("best"), self._best, strict=True))
        arrays |= {name: np.array(values) for name, values in self.history.items()}
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)

    def load(self, path: Path) -> None:
        """Restore a checkpoint of the same network and optimizer.

        Raises:
            ValueError: The checkpoint is malformed or of another network.
        """
        with np.load(path, allow_pickle=False) as arrays:
            for variable, name in zip(self._state, self._names("state"), strict=True):
                variable.assign(arrays[name])
            self._best = [arrays[name] for name in self._names("best")]
            self.history = {name: arrays[name].tolist() for name in self.curves}

    @property
    def _state(self) -> list[Any]:
        """Weights, dropout seed states and optimizer moments."""
        return [*self.network.variables, *self._optimizer.variables]

    def _names(self, kind: str) -> list[str]:
        count = len(self._state) if kind == "state" else len(self.network.get_weights())
        return [f"{kind}_{number}" for number in range(count)]

    def _run(self, function: Any, *batch: npt.NDArray[Any]) -> Any:
        import tensorflow as tf

        try:
            return function(*batch)
        except tf.errors.ResourceExhaustedError as error:
            raise RunError(
                f"out of memory for a batch of {len(batch[0])} sequences of {batch[0].shape[1]} "
                f"tokens in epoch {self.epochs + 1}: decrease train.batch_size or "
                "encode.max_length"
            ) from error


def _readable(name: str) -> str:
    """Readable name of a curve."""
    return name.replace("val_", "validation ").replace("_", " ")


def _compiled_step(
    network: keras.Model, optimizer: keras.optimizers.Optimizer, target: Target, batch_size: int
) -> Any:
    """Compile a training step from a batch to its loss and the sum of its metric."""
    import keras
    import tensorflow as tf
    from keras import ops

    lstms = [layer for layer in network.layers if isinstance(layer, keras.layers.LSTM)]

    def step(sequences: Any, labels: Any, weights: Any) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape, mixed_precision(lstms, batch_size):
            probabilities = network(sequences, training=True)
            loss = ops.mean(target.link.loss(labels, probabilities) * weights)
        gradients = tape.gradient(loss, network.trainable_variables)
        apply_gradients(optimizer, gradients, network.trainable_variables)
        return loss, ops.sum(_scores(target, labels, probabilities))

    signature = [
        tf.TensorSpec((None, None), tf.int32),
        tf.TensorSpec((None, 1), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    ]
    return tf.function(step, signature, autograph=False)


def _scores(target: Target, labels: Any, probabilities: Any) -> Any:
    from keras import ops

    return ops.cast(target.score(labels, probabilities), "float32")
