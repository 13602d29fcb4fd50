"""Keras on TensorFlow, loaded without what TensorFlow writes to the terminal as it starts."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def load_backend() -> None:
    """Import Keras and TensorFlow; what they write to stderr shows only when that fails."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _captured_stderr():
        import tensorflow  # noqa: F401


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
