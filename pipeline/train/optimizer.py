"""Adam with sparse updates of embeddings, learning rate schedule and gradient clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


CLIP_NORM = 1.0
"""Global gradient norm above which gradients are scaled down."""
WARMUP_STEPS = 100


def warmup_cosine(
    learning_rate: float, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up over ``WARMUP_STEPS`` (at most a tenth of all), then cosine decay to 0."""
    import keras

    warm_up = min(WARMUP_STEPS, steps // 10)
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - warm_up, warmup_target=learning_rate, warmup_steps=warm_up
    )


def lazy_adam(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
) -> keras.optimizers.Optimizer:
    """Adam that updates only the embedding rows in the batch, like TensorFlow Addons' ``LazyAdam``.

    Keras' Adam updates all rows at each step, so its time grows with the vocabulary. Moments of
    rows outside the batch stay unchanged. A sparse gradient must contain each row only once;
    :func:`apply_gradients` sees to that.
    """
    import keras
    import tensorflow as tf

    class LazyAdam(keras.optimizers.Adam):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            if not isinstance(gradient, tf.IndexedSlices):
                super().update_step(gradient, variable, learning_rate)
                return
            index = self._get_variable_index(variable)
            weights, momentum, velocity = (
                of_all[index].value
                for of_all in (self._trainable_variables, self._momentums, self._velocities)
            )
            rows, values = gradient.indices, gradient.values
            m = self.beta_1 * tf.gather(momentum, rows) + (1 - self.beta_1) * values
            v = self.beta_2 * tf.gather(velocity, rows) + (1 - self.beta_2) * tf.square(values)
            step = tf.cast(self.iterations + 1, tf.float32)
            rate = learning_rate * tf.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)
            momentum.scatter_update(tf.IndexedSlices(m, rows))
            velocity.scatter_update(tf.IndexedSlices(v, rows))
            weights.scatter_sub(tf.IndexedSlices(rate * m / (tf.sqrt(v) + self.epsilon), rows))

    return LazyAdam(learning_rate)


def apply_gradients(
    optimizer: keras.optimizers.Optimizer, gradients: Sequence[Any], variables: Sequence[Any]
) -> None:
    """Clip the gradients to a global norm of ``CLIP_NORM`` and apply them."""
    import tensorflow as tf

    clipped, _ = tf.clip_by_global_norm([_summed(one) for one in gradients], CLIP_NORM)
    optimizer.apply(clipped, variables)


def _summed(gradient: Any) -> Any:
    """Sum the rows of a sparse gradient by token; return a dense gradient unchanged."""
    import tensorflow as tf

    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, segments = tf.unique(gradient.indices)
    values = tf.math.unsorted_segment_sum(gradient.values, segments, tf.size(rows))
    return tf.IndexedSlices(values, rows, gradient.dense_shape)
