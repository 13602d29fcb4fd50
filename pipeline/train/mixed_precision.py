"""Mixed precision: LSTMs that are trained in bfloat16 on processors with instructions for it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

MIN_UNITS, MIN_BATCH_SIZE = 128, 64
"""Smaller matrix products take as long in bfloat16, since more of the time goes to other things."""
CPU_FLAGS = {"avx512_bf16", "amx_bf16"}


@contextlib.contextmanager
def mixed_precision(lstms: Iterable[keras.layers.LSTM], batch_size: int) -> Iterator[None]:
    """Context manager: LSTMs that are called or traced in the block compute in bfloat16.

    Only where that is faster: on a processor with such instructions and with large LSTMs and
    batches. Weights and their updates stay float32 (Kalamkar et al., "A Study of BFLOAT16 for
    Deep Learning Training", 2019). After the block, the LSTMs compute in float32 as before.
    """
    pays = batch_size >= MIN_BATCH_SIZE and has_bfloat16()
    large = [one for one in lstms if pays and one.units >= MIN_UNITS]
    layers = [layer for one in large for layer in (one, one.cell)]
    for layer in layers:
        layer.dtype_policy = "mixed_bfloat16"
    try:
        yield
    finally:
        for layer in layers:
            layer.dtype_policy = "float32"


@functools.cache
def has_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16 and TensorFlow sees no GPU."""
    import tensorflow as tf

    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return not CPU_FLAGS.isdisjoint(text.split()) and not tf.config.list_physical_devices("GPU")
