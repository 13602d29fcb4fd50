"""Keras on TensorFlow, as all stages use it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def load_backend() -> None:
    """Import Keras and TensorFlow; what they write to stderr shows only when that fails.

    An LSTM's operations are small: two at once on half of the cores each are quicker than one
    after the other on all.
    """
    cores = len(os.sched_getaffinity(0))
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, cores // 2)))
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "2")
    with _captured_stderr():
        import tensorflow  # noqa: F401


def seed_backend(seed: int) -> None:
    """Make what follows reproducible: the same operations give the same bits and names."""
    load_backend()
    import keras
    import tensorflow as tf

    keras.utils.clear_session()
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


@contextlib.contextmanager
def _captured_stderr() -> Iterator[None]:
    """Keep the process's standard error, that of C++ too, in a file; write it out on an error."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        except BaseException:
            file.seek(0)
            os.write(kept, file.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def is_alive(process: int) -> bool:
    """Whether this machine runs a process of that number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def count_workers(wanted: int | None) -> int:
    """As many as wanted; unset: one for each core that this process may use."""
    return wanted or len(os.sched_getaffinity(0))
